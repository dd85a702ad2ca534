import ArgumentParser
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// How near noise lets inversions come, beside solves that start at the truth.
struct NoiseBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "noise",
    abstract: "Errors of noisy inversions against solves started at the planted latent.",
    discussion: """
      Normal errors of declared deviation are added. Ratio: of the median latent errors, over the \
      identifiable draws. Best known: the ratio, were the better fit of the two always the answer; \
      what is above 1 there no search can gain, because the data do not tell. Fits as well: draws \
      whose objective ends no higher than from the truth. Outside: results called recovered whose \
      error, a chi-squared number, is as improbable as three deviations of a normal one (0.27 %). \
      Coverage: of nominal 90 % intervals, where the certificate says that they hold.
      """)

  @OptionGroup var rows: RecoveryRows

  @Option(help: "Deviations of the noise, in the signal's units.")
  var sigma: [Double] = [0.01, 0.1, 0.3]

  @Option(help: "none or latent; left out: what clients get.")
  var prior: LatentPrior?

  @Option(help: "Draws a row.")
  var draws = 100

  @Option(help: "Seed of the first draw.")
  var seed: UInt64 = 2_000_000

  func run() throws {
    let solver = try SolverCatalogue.build(SolverCatalogue.defaultDocument)
    var table = Table([
      "generator, observation", "sigma", "identifiable", "median error", "from the truth", "ratio",
      "best known", "fits as well",
      "recovered", "outside", "intervals hold", "coverage", "equivalents",
    ])
    let library = EncoderLibrary()
    try rows.visit { name, cell, generator in
      guard cell.solver == nil else { return }
      let measurement = try MeasurementCatalogue.build(
        cell.measurement, signalShape: generator.outputShape)
      for sigma in sigma {
        var tally = NoiseTally()
        for draw in 0..<UInt64(draws) {
          var random = RandomNumbers(seed: seed + draw, stream: 0x706c_616e)
          let planted = generator.drawLatents(count: 1, from: &random)
          let observation = measurement.evaluate(generator.evaluate(planted)).values.map {
            $0 + Float(sigma * random.normal())
          }
          let noise = GaussianNoise(sigma: sigma)
          let problem = InverseProblem(
            generator: generator, measurement: measurement, observation: observation,
            noise: noise, prior: prior ?? .byDefault(for: noise))
          guard Certificate.rank(of: problem, at: planted.values) == problem.latentCount else {
            continue
          }
          let solution = solver.solve(
            problem,
            SolveContext(seed: seed + draw, library: library, generatorKey: cell.generator.name))
          let near = IterationLoop().run(
            LevenbergMarquardt(iterationsMax: 200), problem.objective, from: planted
          ) { _, _ in }
          tally.add(
            solution, problem, planted: planted.values,
            near: Array(near.rows.latents[0]), nearLoss: near.rows.losses[0])
        }
        let row = [name, sigma.text()] + tally.cells
        table.add(row)
        print(row.joined(separator: "  "))
      }
    }
    print()
    table.print()
  }
}

/// What became of the identifiable draws of one row.
private struct NoiseTally {
  private var errors: [Double] = []
  private var nearErrors: [Double] = []
  /// Of the better fit of the two.
  private var bestErrors: [Double] = []
  /// Draws whose fit, with the prior, is no worse than that of the solve from the truth.
  private var fitsAsWell = 0
  private var recovered = 0
  private var outside = 0
  private var held = 0
  private var covered = 0
  private var intervals = 0
  private var equivalents = 0.0

  /// Half a nominal 90 % interval, in deviations.
  private static let halfWidth = 1.645

  mutating func add(
    _ solution: Solution, _ problem: InverseProblem, planted: [Float], near: [Float],
    nearLoss: Double
  ) {
    let length = sumOfSquares(planted).squareRoot()
    let difference = zip(solution.latent, planted).map { Double($0 - $1) }
    let error = difference.reduce(0) { $0 + $1 * $1 }.squareRoot() / length
    let nearError = sumOfSquares(zip(near, planted).map { $0 - $1 }).squareRoot() / length
    errors.append(error)
    nearErrors.append(nearError)
    equivalents += solution.forwardEquivalents
    let loss = problem.objective.losses(at: Batch(row: solution.latent))[0]
    let doesFit = loss <= nearLoss * (1 + 1e-4)
    bestErrors.append(doesFit ? error : nearError)
    if doesFit { fitsAsWell += 1 }
    if solution.verdict == .recovered {
      recovered += 1
      if let precision = problem.precision(at: solution.latent) {
        let square = precision.product(difference, difference)
        if ChiSquared.isImprobable(square, freedom: precision.size) { outside += 1 }
      }
    }
    guard solution.certificate.doIntervalsHold == true else { return }
    held += 1
    for (entry, deviation) in (solution.certificate.latentDeviations ?? []).enumerated() {
      guard let deviation else { continue }
      intervals += 1
      if abs(difference[entry]) <= Self.halfWidth * deviation { covered += 1 }
    }
  }

  var cells: [String] {
    let coverage = intervals > 0 ? (Double(covered) / Double(intervals)).text() : "-"
    return [
      "\(errors.count)", errors.median.text(), nearErrors.median.text(),
      (errors.median / nearErrors.median).text(), (bestErrors.median / nearErrors.median).text(),
      "\(fitsAsWell)", "\(recovered)", "\(outside)", "\(held)", coverage,
      (equivalents / Double(max(errors.count, 1))).text(),
    ]
  }
}

extension LatentPrior: ExpressibleByArgument {}
