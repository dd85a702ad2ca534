import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Synchronization
import Testing

/// Halves every row's loss a step, and stops the rows that the test names.
private struct Halving: IterativeSolver {
  static let type = "halving"
  var iterationsMax: Int
  var firstLosses: [Double]
  /// Row and step at which it gives up.
  var ends: [Int: Int] = [:]

  struct State: SolverState {
    var rows: SolverRows
    var step = 0

    func write(to writer: inout CheckpointWriter) { step.write(to: &writer) }
  }

  func start(_ objective: LeastSquares, at latents: Batch) -> State {
    State(rows: SolverRows(latents: latents, losses: firstLosses, forwardEquivalents: 0))
  }

  func step(_ state: inout State, _ objective: LeastSquares) {
    state.step += 1
    for row in state.rows.active {
      state.rows.losses[row] /= 2
      if ends[row] == state.step { state.rows.terminations[row] = .stalled }
    }
  }

  func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    State(rows: rows, step: try Int(from: &reader))
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  func next() -> Int {
    count.withLock {
      $0 += 1
      return $0
    }
  }
  var value: Int { count.withLock { $0 } }
}

struct IterationLoopTests {
  private func objective() throws -> LeastSquares {
    let generator = try SmallGenerators.randomLinear(2, 4, seed: 740)
    return PlantedProblem(generator, seed: 740).problem.objective
  }

  private func run(
    _ solver: Halving, control: SolveControl = .init(), lossTarget: Double? = nil,
    observe: (Int, SolverRows) -> Void = { _, _ in }
  ) throws -> IterationLoop.Outcome {
    IterationLoop(control: control, lossTarget: lossTarget).run(
      solver, try objective(), from: Batch(zeros: solver.firstLosses.count, width: 2),
      observe: observe)
  }

  @Test func stopsAtTheIterationLimit() throws {
    var seen: [Int] = []
    let outcome = try run(Halving(iterationsMax: 7, firstLosses: [1, 2])) {
      seen.append($0)
      _ = $1
    }
    #expect(outcome.iterations == 7 && seen == Array(1...7))
    #expect(outcome.rows.terminations == [.iterationLimit, .iterationLimit])
    #expect(outcome.interruption == nil)
  }

  @Test func stopsWhenEveryRowHasEnded() throws {
    let outcome = try run(Halving(iterationsMax: 50, firstLosses: [1, 2], ends: [0: 3, 1: 5]))
    #expect(outcome.iterations == 5)
    #expect(outcome.rows.terminations == [.stalled, .stalled])
  }

  @Test func stopsAsSoonAsOneRowMeetsTheTarget() throws {
    let outcome = try run(Halving(iterationsMax: 50, firstLosses: [1, 64]), lossTarget: 0.125)
    #expect(outcome.iterations == 3)
    #expect(outcome.rows.terminations[0] == .converged)
    #expect(outcome.rows.terminations[1] == .iterationLimit)
    let met = try run(Halving(iterationsMax: 50, firstLosses: [0.1]), lossTarget: 0.125)
    #expect(met.iterations == 0 && met.rows.terminations == [.converged])
  }

  @Test func stopsAtTheDeadline() throws {
    let clock = Counter()
    let control = SolveControl(now: { Double(clock.next()) }, deadline: 5)
    let outcome = try run(Halving(iterationsMax: 50, firstLosses: [1]), control: control)
    // Asked before each iteration: at 1, 2, 3, 4, and at 5 it is over.
    #expect(outcome.iterations == 4)
    #expect(outcome.interruption == .timeLimit)
    #expect(outcome.rows.terminations == [.timeLimit])
  }

  @Test func stopsWithinOneIterationOfCancellation() throws {
    let steps = Counter()
    let control = SolveControl(isCancelled: { steps.value >= 3 })
    let outcome = try run(Halving(iterationsMax: 50, firstLosses: [1]), control: control) {
      _, _ in _ = steps.next()
    }
    #expect(outcome.iterations == 3)
    #expect(outcome.interruption == .cancelled && outcome.rows.terminations == [.cancelled])
  }

  @Test func rowsThatAreNotFiniteNeverStart() throws {
    let outcome = try run(Halving(iterationsMax: 4, firstLosses: [.infinity, .nan]))
    #expect(outcome.iterations == 0)
    #expect(outcome.rows.terminations == [.nonFinite, .nonFinite])
  }

  /// Of every solver, on problems that it solves and on such that nobody can.
  @Test(arguments: SolverCatalogue.kinds.map(\.type))
  func theBestSoFarNeverGetsWorse(type: String) throws {
    for seed in 750..<754 as Range<UInt64> {
      let generator = try SmallGenerators.perceptron([4, 12, 24], ["type": "relu"], seed: seed)
      var random = RandomNumbers(seed: seed, stream: 3)
      let noise = random.normal(count: 1, width: 24).values
      for problem in [
        PlantedProblem(generator, seed: seed).problem,
        InverseProblem(generator, observation: noise),
      ] {
        let reports = Mutex<[SolveProgress]>([])
        let control = SolveControl(report: { report in reports.withLock { $0.append(report) } })
        let solution = try problem.solved(
          by: SolverDocument.of(type, latentCount: 4, restarts: 6), seed: seed, control: control)
        let seen = reports.withLock { $0 }
        #expect(seen.map(\.iteration) == Array(1..<seen.count + 1))
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $1.loss <= $0.loss }, "seed \(seed)")
        #expect(seen.allSatisfy { $0.iteration <= $0.iterationsMax }, "seed \(seed)")
        #expect(
          zip(seen, seen.dropFirst()).allSatisfy { $0.restartsFinished <= $1.restartsFinished })
        #expect(solution.iterations == seen.count)
        #expect(solution.trace.losses == solution.trace.losses.sorted(by: >))
        #expect(solution.trace.iterations.count <= 200)
      }
    }
  }

  /// Row by row, whatever the other rows do.
  @Test func rowsNeverGetWorse() throws {
    func check(_ solver: some IterativeSolver) throws {
      let generator = try SmallGenerators.perceptron([5, 15, 30], ["type": "tanh"], seed: 760)
      let problem = PlantedProblem(generator, seed: 760).problem
      var random = RandomNumbers(seed: 761)
      var before: [Double]?
      let starts = random.normal(count: 6, width: 5)
      let outcome = IterationLoop().run(solver, problem.objective, from: starts) { _, rows in
        if let before { #expect(zip(rows.losses, before).allSatisfy { $0 <= $1 }) }
        before = rows.losses
        // What a row says its loss is, is its latent's loss, but for residuals that differ by the
        // rounding of the observation in another batch.
        let losses = problem.objective.losses(at: rows.latents)
        for (said, found) in zip(rows.losses, losses) {
          let rounding = 1e-6 * problem.objective.scale.squareRoot()
          #expect(
            abs(said.squareRoot() - found.squareRoot()) <= 1e-5 * found.squareRoot() + rounding)
        }
      }
      #expect(outcome.rows.forwardEquivalents > 0)
    }
    try check(LevenbergMarquardt())
    try check(TruncatedGaussNewton())
    try check(Adam(iterationsMax: 60))
  }
}
