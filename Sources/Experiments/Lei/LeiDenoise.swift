import BundledGenerators
import Inversion
import LinearAlgebra
import Networks
import SignalFormats

/// Pictures of a trained perceptron under heavy noise, and what solvers make of them.
public struct LeiDenoise: Experiment, OutsideGeneratorExperiment {
  public static let name = "lei-denoise"
  public static let summary = "pictures of a trained network out of heavy noise"
  public static let source = "Lei et al. 2019, figure 3"
  public static let fullMinutes = 4.0
  public static let generatorName = "lei-vae-relu"

  /// Without it, `fashion-mlp` takes its place.
  public var generatorFolder: String?
  /// Standard deviations of the noise.
  package var levels: [Double]
  /// Latents for each level.
  package var trials: Int
  /// The first so many of them also by gradient descent, at least as many as pictures are shown.
  package var descentTrials: Int

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(levels: [0.1, 0.3], trials: 20, descentTrials: 5)
    case .full: self.init(levels: [0.05, 0.1, 0.2, 0.3, 0.55], trials: 200, descentTrials: 25)
    }
  }

  package init(levels: [Double], trials: Int, descentTrials: Int) {
    precondition(!levels.isEmpty && trials > 0, "something to try")
    precondition((1...trials).contains(descentTrials), "as many trials as there are, at most")
    self.levels = levels
    self.trials = trials
    self.descentTrials = descentTrials
  }

  /// Of the level nearest to the one whose pictures the paper shows.
  private static let shownLevel = 0.3
  private static let shownCount = 5
  /// Up to here a picture counts as recovered.
  private static let signalErrorMax = 0.1
  private static let bestFitName = "least squares from z*"

  /// What became of the trials of one level by one solver.
  private struct Outcome {
    var level: Double
    var solver: String
    /// Relative errors of the pictures.
    var signalErrors: [Double] = []
    var latentErrors: [Double] = []

    var recovered: Share { Share(signalErrors.map { $0 <= LeiDenoise.signalErrorMax }) }

    mutating func add(_ planted: PlantedProblem, latent: [Float], signal: [Float]) {
      signalErrors.append(planted.signalError(signal))
      latentErrors.append(planted.latentError(latent))
    }
  }

  private func solvers() throws -> [NamedSolver] {
    [
      try .automatic(), try .plain("hybrid"), try .levenbergMarquardt(restartsMax: 1),
      try .plain("linf_lp"), try .plain("l1_lp"), try .plain("relaxed_lp"),
      try .gradientDescent(preset: "lei2019_trained"),
    ]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let network = try TrainedNetwork(
      Self.generatorName, inFolder: generatorFolder, else: .fashionMLP)
    let solvers = try solvers()
    let library = EncoderLibrary()
    let shownLevel = levels.min { abs($0 - Self.shownLevel) < abs($1 - Self.shownLevel) }
    var steps = progress.steps(levels.count * trials)
    var outcomes: [Outcome] = []
    var noiseShares: [Double] = []
    var columns: [Column] = []
    for level in levels {
      var ofLevel = ([Self.bestFitName] + solvers.map(\.name)).map {
        Outcome(level: level, solver: $0)
      }
      var shares: [Double] = []
      for trial in 0..<trials {
        steps.begin("sigma \(level.short()), latent \(trial + 1) of \(trials)")
        var random = RandomNumbers(seed: seed, "\(Self.name) \(level)", trial: trial)
        let noisy = NoisyTrial(
          network.generator,
          latent: network.generator.drawLatents(count: 1, from: &random).values, .gaussian,
          level: level, from: &random)
        shares.append(noisy.relativeNoise)
        let best = noisy.bestFit
        ofLevel[0].add(
          noisy.planted, latent: best,
          signal: network.generator.evaluate(Batch(row: best)).values)
        var column = Column(noisy.planted)
        for (place, solver) in solvers.enumerated() {
          guard place < solvers.count - 1 || trial < descentTrials else { continue }
          let solution = progress.timed(solver.name) {
            solver.solve(
              noisy.planted, seed: seed &+ UInt64(trial), library: library,
              generatorKey: network.name)
          }
          ofLevel[place + 1].add(
            noisy.planted, latent: solution.latent, signal: solution.reconstruction)
          column.reconstructions.append(solution.reconstruction)
        }
        if level == shownLevel, trial < min(Self.shownCount, descentTrials) {
          columns.append(column)
        }
      }
      outcomes += ofLevel
      noiseShares.append(Median(shares).value)
    }
    return ExperimentReport(
      tables: [table(outcomes, noiseShares)],
      figures: [
        try figure(columns, solvers.map(\.name), network, level: shownLevel ?? Self.shownLevel)
      ],
      closing: closing(outcomes, network.name, level: shownLevel ?? Self.shownLevel))
  }

  private func table(_ outcomes: [Outcome], _ noiseShares: [Double]) -> ResultTable {
    var table = ResultTable(
      name: "errors",
      title: "Relative errors; recovered: of the picture at most \(Self.signalErrorMax.short())",
      columns: [
        .init("sigma"), .init("relative noise"), .init("solver"), .init("picture error", .median),
        .init("recovered", .share), .init("latent error", .median),
      ])
    for (level, noise) in zip(levels, noiseShares) {
      for outcome in outcomes where outcome.level == level {
        table.add([
          .number(level), .number(noise), .text(outcome.solver),
          .median(Median(outcome.signalErrors)), .share(outcome.recovered),
          .median(Median(outcome.latentErrors)),
        ])
      }
    }
    return table
  }

  // MARK: the figure

  /// One picture: as it was, as it is seen, and what each solver made of it.
  private struct Column {
    var planted: PlantedProblem
    var reconstructions: [[Float]] = []

    init(_ planted: PlantedProblem) { self.planted = planted }
  }

  private func figure(
    _ columns: [Column], _ solvers: [String], _ network: TrainedNetwork, level: Double
  ) throws -> Figure {
    let generator = network.generator
    let signals = columns.map { column in
      [column.planted.problem.observation, column.planted.signal] + column.reconstructions
    }
    let names = ["observed", "original"] + solvers
    let grid = PictureGrid(
      columnNames: columns.indices.map { "latent \($0 + 1)" }, rowNames: names,
      pictures: try names.indices.map { row in
        try signals.map { try generator.picture(of: $0[row]) }
      },
      captions: names.indices.map { row in
        zip(columns, signals).map { column, signals in
          row == 1 ? nil : "error \(column.planted.signalError(signals[row]).short(2))"
        }
      })
    return Figure(
      name: "pictures",
      title: "Pictures of \(network.name) out of normal noise with deviation \(level.short())",
      panels: [grid], columns: 1, panelHeight: Double(names.count) * 118 + 24)
  }

  private func closing(_ outcomes: [Outcome], _ network: String, level: Double) -> String {
    let ofLevel = outcomes.filter { $0.level == level }
    let results = ofLevel.map { outcome in
      "\(outcome.solver) \(Median(outcome.signalErrors).value.short()) "
        + "(\(outcome.recovered.value.fixed(2)) of \(outcome.recovered.trials))"
    }.joined(separator: ", ")
    let best = Median(ofLevel[0].signalErrors).value
    let hybrid = ofLevel.first { $0.solver == "hybrid" }.map { Median($0.signalErrors).value } ?? 0
    let program = ofLevel.first { $0.solver == "linf_lp" } ?? ofLevel[0]
    return """
      This redraws \(Self.source): the paper's pictures out of noise are nearly perfect by the \
      l-infinity linear program, one layer at a time, and lack parts by gradient descent. At a \
      deviation of \(level.short()), median errors of the whole picture, and shares with an error \
      up to \(Self.signalErrorMax.short()): \(results). \(program.recovered.value < 0.5
        ? "By themselves the programs fall short of the paper's pictures here. " : "")Polished by \
      least squares over all layers together, with the starts of both families, what is left is \
      \((hybrid / best).fixed(2)) times what least squares leaves that starts at the planted latent.

      Differences: the paper says "variance 0.3", which may be meant as a deviation: 0.3 is shown, and \
      at full scale 0.55, the root of it, is tried as well. The network is \(network)\(generatorFolder == nil
        ? ", which comes with the product, since no folder of generators was found with "
          + "\(Self.generatorName), the paper's layers" : ", which its authors published, the "
          + "decoder of a variational autoencoder where the paper tells of a generative adversarial "
          + "network"). Latents are drawn, not taken from digits of every class. Gradient descent has \
      the paper's rate of 0.001 and 10,000 iterations, for the first \(descentTrials) latents.
      """
  }
}
