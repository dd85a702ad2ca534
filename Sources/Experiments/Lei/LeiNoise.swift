import Documents
import Foundation
import Inversion
import LinearAlgebra
import Networks

/// The error of recovered latents against the noise, in a random network and in a trained one.
public struct LeiNoise: Experiment, OutsideGeneratorExperiment {
  public static let name = "lei-noise"
  public static let summary = "latent error against noise, in a random and in a trained network"
  public static let source = "Lei et al. 2019, figure 1"
  public static let fullMinutes = 11.0
  public static let generatorName = "lei-vae-relu"

  /// The trained half is left out without it.
  public var generatorFolder: String?
  /// Of the errors: the end of uniform ones, the deviation of normal ones.
  package var levels: [Double]
  /// Latents for each kind of noise, level and network.
  package var trials: Int
  /// The first so many of them also by gradient descent, which takes far longer than the others.
  package var descentTrials: Int
  package var randomWidths = [20, 100, 500]

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(levels: [1e-5, 1e-3, 1e-2, 1e-1], trials: 12, descentTrials: 3)
    case .full:
      self.init(levels: [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1], trials: 200, descentTrials: 40)
    }
  }

  package init(levels: [Double], trials: Int, descentTrials: Int) {
    precondition(!levels.isEmpty && trials > 0, "something to try")
    precondition((1...trials).contains(descentTrials), "as many trials as there are, at most")
    self.levels = levels
    self.trials = trials
    self.descentTrials = descentTrials
  }

  /// One of the paper's two kinds of network, with the solvers as the paper sets them there.
  private struct Setting {
    var name: String
    var solvers: [NamedSolver]
    /// Of a trial: what to call the network, and itself.
    var network: (Int) throws -> (key: String, generator: Generator)
  }

  /// Errors of the latents at one level of one kind of noise.
  private struct Outcome {
    var setting: String
    var noise: AdditiveNoise
    var level: Double
    var relativeNoise: [Double] = []
    var bestFit: [Double] = []
    /// `[solver][trial]`
    var errors: [[Double]]

    /// The median of a solver over that of the best fit in the same trials.
    func ratio(_ solver: Int) -> Double {
      Median(errors[solver]).value
        / Median(Array(bestFit.prefix(errors[solver].count))).value
    }
  }

  private func settings(_ seed: UInt64) throws -> [Setting] {
    let random = Setting(
      name: "random " + randomWidths.map(String.init).joined(separator: "-"),
      solvers: try solvers(preset: "lei2019")
    ) { trial in
      var numbers = RandomNumbers(seed: seed, "\(Self.name) network", trial: trial)
      return (
        "random \(trial)",
        try RandomNetwork.expansive(randomWidths, activation: ["type": "relu"], from: &numbers)
      )
    }
    guard let generatorFolder else { return [random] }
    let trained = try TrainedNetwork(Self.generatorName, inFolder: generatorFolder)
    return [
      random,
      Setting(name: trained.name, solvers: try solvers(preset: "lei2019_trained")) { _ in
        (trained.name, trained.generator)
      },
    ]
  }

  /// - Parameter preset: of gradient descent, which comes last.
  private func solvers(preset: String) throws -> [NamedSolver] {
    [
      try .automatic(), try .plain("hybrid"), try .levenbergMarquardt(restartsMax: 1),
      try .plain("linf_lp"), try .plain("l1_lp"), try .plain("relaxed_lp"),
      try .gradientDescent(preset: preset),
    ]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let settings = try settings(seed)
    var steps = progress.steps(
      settings.count * AdditiveNoise.allCases.count * levels.count * trials)
    var outcomes: [Outcome] = []
    for setting in settings {
      let library = EncoderLibrary()
      let networks = try (0..<trials).map(setting.network)
      for noise in AdditiveNoise.allCases {
        for level in levels {
          var outcome = Outcome(
            setting: setting.name, noise: noise, level: level,
            errors: setting.solvers.map { _ in [] })
          for (trial, network) in networks.enumerated() {
            steps.begin(
              "\(setting.name), \(noise.rawValue) noise \(level.short()), trial \(trial + 1)")
            // The same latents for every kind and level.
            var latents = RandomNumbers(seed: seed, "\(Self.name) latent", trial: trial)
            let latent = network.generator.drawLatents(count: 1, from: &latents).values
            var random = RandomNumbers(
              seed: seed, "\(Self.name) \(noise.rawValue) \(level)", trial: trial)
            let noisy = NoisyTrial(
              network.generator, latent: latent, noise, level: level, from: &random)
            outcome.relativeNoise.append(noisy.relativeNoise)
            outcome.bestFit.append(noisy.planted.latentError(noisy.bestFit))
            for (place, solver) in setting.solvers.enumerated() {
              guard place < setting.solvers.count - 1 || trial < descentTrials else { continue }
              let solution = progress.timed(solver.name) {
                solver.solve(
                  noisy.planted, seed: seed &+ UInt64(trial), library: library,
                  generatorKey: network.key)
              }
              outcome.errors[place].append(noisy.planted.latentError(solution.latent))
            }
          }
          outcomes.append(outcome)
        }
      }
    }
    let names = settings[0].solvers.map(\.name)
    return ExperimentReport(
      tables: [table(outcomes, names)], figures: [figure(outcomes, names, settings.map(\.name))],
      closing: closing(outcomes, names))
  }

  private static let bestFitName = "least squares from z*"

  private func table(_ outcomes: [Outcome], _ solvers: [String]) -> ResultTable {
    var table = ResultTable(
      name: "errors",
      title: "Relative errors of latents; over: the median over that of \(Self.bestFitName) in the "
        + "same trials; astray: errors above \(Self.astrayError.short())",
      columns: [
        .init("network"), .init("noise"), .init("level"), .init("relative noise"),
        .init("solver"), .init("latent error", .median), .init("over"), .init("astray", .share),
      ])
    for outcome in outcomes {
      let noise = Median(outcome.relativeNoise).value
      func row(_ name: String, _ errors: [Double], over: Double) -> [ResultTable.Cell] {
        [
          .text(outcome.setting), .text(outcome.noise.rawValue), .number(outcome.level),
          .number(noise), .text(name), .median(Median(errors)), .number(over),
          .share(Share(errors.map { $0 > Self.astrayError })),
        ]
      }
      table.add(row(Self.bestFitName, outcome.bestFit, over: 1))
      for (place, name) in solvers.enumerated() {
        table.add(row(name, outcome.errors[place], over: outcome.ratio(place)))
      }
    }
    return table
  }

  /// Another latent altogether.
  private static let astrayError = 0.3

  private func figure(
    _ outcomes: [Outcome], _ solvers: [String], _ settings: [String]
  ) -> Figure {
    let panels = settings.flatMap { setting in
      AdditiveNoise.allCases.map { noise in
        let shown = outcomes.filter { $0.setting == setting && $0.noise == noise }
        let relative = shown.map { Median($0.relativeNoise).value }
        let bestFit = LinePlot.Series(
          .dashed(Palette.reference),
          zip(relative, shown).map { LinePlot.Point($0, Median($1.bestFit).value) })
        let curves = solvers.indices.map { solver in
          LinePlot.Series(
            .series(solver),
            zip(relative, shown).map { noise, outcome in
              let median = Median(outcome.errors[solver])
              // A little apart, so that no error bar hides another.
              let shift = pow(1.06, Double(solver) - Double(solvers.count - 1) / 2)
              return LinePlot.Point(noise * shift, median.value, median.interval)
            })
        }
        let ends = outcomes.flatMap { outcome in
          outcome.errors.flatMap { errors in
            let median = Median(errors)
            return [median.interval.lowerBound, median.interval.upperBound]
          }
        }
        return LinePlot(
          axes: Axes(
            title: "\(setting), \(noise.rawValue) noise", x: .logarithmic(holding: relative),
            y: .logarithmic(holding: ends), xName: "|noise| / |signal|",
            yName: "relative error of the latent"),
          series: curves + [bestFit])
      }
    }
    return Figure(
      name: "errors", title: "Error of recovered latents against the noise", panels: panels,
      columns: 2, panelHeight: 320,
      legend: solvers.enumerated().map { LegendEntry(name: $0.element, style: .series($0.offset)) }
        + [LegendEntry(name: Self.bestFitName, style: .dashed(Palette.reference))])
  }

  private func closing(_ outcomes: [Outcome], _ solvers: [String]) -> String {
    var settings: [String] = []
    for outcome in outcomes where !settings.contains(outcome.setting) {
      settings.append(outcome.setting)
    }
    let sentences = settings.map { setting in
      let ofSetting = outcomes.filter {
        $0.setting == setting && Self.mildLevels.contains($0.level)
      }
      let ratios = solvers.enumerated().map { solver, name in
        let worst = ofSetting.map { $0.ratio(solver) }.max() ?? 0
        let errors = ofSetting.flatMap { $0.errors[solver] }
        let astray = Share(errors.map { $0 > Self.astrayError })
        return "\(name) \(worst.short()) (astray \(astray.value.fixed(2)))"
      }.joined(separator: ", ")
      return "\(setting): \(ratios)"
    }.joined(separator: ". ")
    return """
      This redraws \(Self.source): in the paper the error grows about linearly with the noise, \
      linear programs and gradient descent do about equally well in the random network, and in the \
      trained one gradient descent nearly always ends in another latent. The dashed line is what \
      least squares makes of the same observations when it starts at the planted latent. Largest \
      ratio to it of a solver's median error, and the share of latents astray, at levels from \
      \(Self.mildLevels.lowerBound.short()) to \(Self.mildLevels.upperBound.short()): \
      \(sentences). Below them the outputs' own rounding is as large as the noise, and least \
      squares stays at the planted latent where it starts. \(generatorFolder == nil
        ? "The trained half of the figure is left out: its generator, \(Self.generatorName), does "
          + "not come with the product, and no folder of generators was found. " : "")

      Differences: the paper has 200 runs a point, here \(trials), and \(descentTrials) by gradient \
      descent, which has the paper's rates and iterations. Solvers are told the deviation of the \
      noise. \(generatorFolder == nil ? "" : "The paper says that its trained network is a "
        + "generative adversarial one; \(Self.generatorName) is the decoder of the variational "
        + "autoencoder that its authors published, with the same layers. ")The axis is the noise over \
      the signal, median over the trials.
      """
  }

  /// Levels at which closing words compare medians.
  private static let mildLevels = 1e-5...1e-2
}
