import ArgumentParser
import Dispatch
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Synchronization

/// How often a planted latent comes back, row by row.
struct RecoveryBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recovery",
    abstract: "Success, cost and honesty of inversions with planted latents.",
    discussion: """
      Success is a relative latent error of at most 1e-3, over the draws whose Jacobian at the \
      planted latent has full rank. Each draw is one inversion with the solver's defaults.
      """)

  @OptionGroup var rows: RecoveryRows

  @Option(help: "Draws a row.")
  var draws = 200

  @Flag(help: "20 draws a row; 4 of generators that take seconds.")
  var quick = false

  @Option(help: "The document of a solver.")
  var solver = #"{"type": "automatic"}"#

  @Option(help: "Seed of the first draw.")
  var seed: UInt64 = 1_000_000

  @Option(help: "Draws that are worked on at once.")
  var jobs = 1

  @Flag(help: "A line for each draw.")
  var each = false

  func run() throws {
    let solver = try SolverCatalogue.build(try JSONParser().parse(Array(solver.utf8)))
    var table = Table([
      "generator, observation", "draws", "identifiable", "asked", "found", "1e-6", "fits elsewhere",
      "recovered", "wrongly", "ambiguous", "underfit", "equivalents", "ms",
    ])
    let library = EncoderLibrary()
    try rows.visit { name, cell, generator in
      let own = try cell.solver.map { try SolverCatalogue.build($0) }
      let tally = try measure(cell, generator, own ?? solver, library)
      let row = Self.row(name, cell, tally)
      table.add(row)
      print(row.joined(separator: "  "))
    }
    print()
    table.print()
  }

  private func measure(
    _ cell: RecoveryCell, _ generator: Generator, _ solver: any InversionSolver,
    _ library: EncoderLibrary
  ) throws -> RecoveryTally {
    let measurement = try MeasurementCatalogue.build(
      cell.measurement, signalShape: generator.outputShape)
    let isDear = generator.multiplyCount > 20_000_000
    let count = quick ? min(draws, isDear ? 4 : 20) : draws
    let tally = Mutex(RecoveryTally())
    let next = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while true {
        let draw = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard draw < count else { return }
        let result = Self.invert(
          generator, measurement, solver, library, name: cell.generator.name,
          seed: seed + UInt64(draw))
        tally.withLock { $0.add(result) }
        if each { print("  seed \(seed + UInt64(draw)): \(result)") }
      }
    }
    return tally.withLock { $0 }
  }

  private static func invert(
    _ generator: Generator, _ measurement: any Measurement, _ solver: any InversionSolver,
    _ library: EncoderLibrary, name: String, seed: UInt64
  ) -> RecoveryDraw {
    var random = RandomNumbers(seed: seed, stream: 0x706c_616e)
    let planted = generator.drawLatents(count: 1, from: &random)
    let forward = Chain(generator.stages + [measurement], inputCount: generator.inputCount)
    // Where that is possible, the only errors are those of writing the numbers down.
    let observation =
      forward.evaluatePrecisely(planted.values.map(Double.init))?.map { Float($0) }
      ?? forward.evaluate(planted).values
    let problem = InverseProblem(
      generator: generator, measurement: measurement, observation: observation, noise: NoNoise())
    let (seconds, solution) = Stopwatch.seconds {
      solver.solve(problem, SolveContext(seed: seed, library: library, generatorKey: name))
    }
    let error =
      sumOfSquares(zip(solution.latent, planted.values).map { $0 - $1 })
      / sumOfSquares(planted.values)
    return RecoveryDraw(
      isIdentifiable: Certificate.rank(of: problem, at: planted.values) == problem.latentCount,
      error: error.squareRoot(), relativeResidual: solution.residual.relative,
      verdict: solution.verdict, restarts: solution.restarts,
      forwardEquivalents: solution.forwardEquivalents, seconds: seconds)
  }

  private static func row(
    _ name: String, _ cell: RecoveryCell, _ tally: RecoveryTally
  ) -> [String] {
    [
      name, "\(tally.draws)", "\(tally.identifiable)", cell.asked?.text() ?? "-",
      tally.success.text(),
      tally.share(tally.precise, of: tally.found).text(), "\(tally.fitsElsewhere)",
      "\(tally.claimed)", "\(tally.claimedWrongly)", "\(tally.verdicts[.ambiguous] ?? 0)",
      "\(tally.verdicts[.underfit] ?? 0)", tally.meanEquivalents.text(),
      (1e3 * tally.meanSeconds).text(),
    ]
  }
}
