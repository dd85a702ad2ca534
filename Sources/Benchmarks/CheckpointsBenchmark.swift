import ArgumentParser
import BundledGenerators
import Dispatch
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Synchronization

/// What it costs an inversion to say where it stands.
struct CheckpointsBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoints",
    abstract: "Inversions of a second or two, with and without checkpoints.",
    discussion: """
      Pictures of noise, which nothing explains, so that no start ends early. The rounds are \
      interleaved, and the fastest counts, which other programs disturb least. Checkpoints are made and dropped: what storing them takes is the disk's affair.
      """)

  @Option(help: "Rounds of all rows.")
  var rounds = 5

  private static let cases: [(BundledGenerator, JSONValue)] = [
    (.fashionConv, ["type": "adam", "iterations_max": 500, "restarts_max": 8]),
    (.fashionConv, ["type": "lbfgs", "iterations_max": 1500, "restarts_max": 24]),
    (.fashionMLP, ["type": "levenberg_marquardt", "restarts_max": 500]),
    (.fashionMLP, ["type": "gauss_newton_cg", "restarts_max": 60]),
  ]

  /// Seconds between two checkpoints; `nil` keeps no record.
  private static let intervals: [Double?] = [nil, 5, 0.5, 0]

  func run() throws {
    var table = Table([
      "generator, solver", "seconds between", "fastest s", "over without", "checkpoints", "KB",
    ])
    for (bundled, solver) in Self.cases {
      let chosen = try BenchmarkGenerator(bundled)
      var random = RandomNumbers(seed: 1, stream: 0x6e6f)
      let count = chosen.generator.outputCount
      let problem = InverseProblem(
        generator: chosen.generator, measurement: IdentityMeasurement(count: count),
        observation: random.normal(count: 1, width: count).values, noise: NoNoise())
      let library = EncoderLibrary()
      var seconds = [[Double]](repeating: [], count: Self.intervals.count)
      var checkpoints = [[Int]](repeating: [], count: Self.intervals.count)
      // One round more, to warm up.
      for round in 0...rounds {
        for (place, interval) in Self.intervals.enumerated() {
          let taken = Mutex<[Int]>([])
          let recorder = interval.map { interval in
            SolveRecorder(
              SolveRecord(identity: []), secondsBetween: interval, now: Self.now,
              store: { bytes in taken.withLock { $0.append(bytes.count) } })
          }
          let (elapsed, _) = try Stopwatch.seconds {
            try SolverCatalogue.build(solver).search(
              problem,
              SolveContext(
                seed: 1, control: SolveControl(now: Self.now, recorder: recorder),
                library: library, generatorKey: chosen.name))
          }
          checkpoints[place] = taken.withLock { $0 }
          if round > 0 { seconds[place].append(elapsed) }
        }
      }
      for (place, interval) in Self.intervals.enumerated() {
        let (fastest, without) = (seconds[place].min() ?? 0, seconds[0].min() ?? 0)
        table.add([
          "\(chosen.name), \(solver.object?["type"]?.string ?? "")",
          interval?.text() ?? "without", fastest.text(4),
          "\((100 * (fastest / without - 1)).text(2)) %",
          "\(checkpoints[place].count)",
          (Double(checkpoints[place].max() ?? 0) / 1e3).text(),
        ])
      }
    }
    table.print()
  }

  private static let now = { @Sendable in Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
}
