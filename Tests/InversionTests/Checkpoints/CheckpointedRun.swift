import Documents
import Inversion
import Synchronization

/// One inversion that can be stopped and gone on with: a problem, a solver and a seed.
struct CheckpointedInversion: Sendable {
  var problem: InverseProblem
  var solver: JSONValue
  var seed: UInt64
  var library = EncoderLibrary()
  /// What the checkpoints are of.
  var identity: [[UInt8]] = [[1, 2, 3]]

  func uninterrupted() throws -> Solution {
    try problem.solved(by: solver, seed: seed, library: library)
  }

  /// What became of a run.
  struct Run {
    var solution: Solution
    /// Every checkpoint, in order.
    var checkpoints: [[UInt8]]
    /// Iterations that were reported.
    var iterations: [Int]
  }

  /// A run with a checkpoint an iteration.
  ///
  /// - Parameters:
  ///   - checkpoint: to go on from.
  ///   - checkpointsMax: after which the run is cancelled; the last one comes with that.
  ///   - isCancelled: asked beside.
  func run(
    from checkpoint: [UInt8]? = nil, checkpointsMax: Int = .max,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws -> Run {
    let record =
      try checkpoint.map { try SolveRecord(checkpoint: $0, identity: identity) }
      ?? SolveRecord(identity: identity)
    let taken = Tape<[UInt8]>()
    let seen = Tape<Int>()
    let recorder = SolveRecorder(
      record, secondsBetween: 0, now: { 0 },
      store: { taken.add($0) })
    let control = SolveControl(
      isCancelled: { isCancelled() || taken.count >= checkpointsMax },
      report: { seen.add($0.iteration) }, recorder: recorder)
    let solution = try problem.solved(
      by: solver, seed: seed, control: control, library: library)
    return Run(solution: solution, checkpoints: taken.all, iterations: seen.all)
  }
}

/// What a callback was given, in order.
final class Tape<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])

  func add(_ element: Element) { elements.withLock { $0.append(element) } }

  var count: Int { elements.withLock { $0.count } }
  var all: [Element] { elements.withLock { $0 } }
}
