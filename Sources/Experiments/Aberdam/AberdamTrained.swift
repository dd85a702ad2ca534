import BundledGenerators
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// Latents of a trained perceptron of three layers, from all of its pictures' pixels and from parts.
public struct AberdamTrained: Experiment {
  public static let name = "aberdam-trained"
  public static let summary = "latents of a trained network, all pixels seen or 45 % concealed"
  public static let source = "Aberdam et al. 2020, figure 3"
  public static let fullMinutes = 40.0

  /// Latents for each mask.
  package var trials: Int
  /// The first so many of them also by gradient descent, which takes far longer than the others.
  package var descentTrials: Int

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(trials: 24, descentTrials: 2)
    case .full: self.init(trials: 512, descentTrials: 64)
    }
  }

  package init(trials: Int, descentTrials: Int) {
    precondition(trials > 0, "something to try")
    precondition((1...trials).contains(descentTrials), "as many trials as there are, at most")
    self.trials = trials
    self.descentTrials = descentTrials
  }

  /// The three panels of the figure.
  private enum Mask: String, CaseIterable {
    case clean = "all pixels"
    case random = "random 45 % concealed"
    case upper = "upper 45 % concealed"

    /// The pixels that are seen; `nil` for all.
    func pixels(height: Int, width: Int, from random: inout RandomNumbers) -> [Int]? {
      let count = height * width
      switch self {
      case .clean: return nil
      case .random:
        return random.subset(count - Int((0.45 * Double(count)).rounded()), below: count)
      // 13 rows of 28.
      case .upper: return Array(Int((0.464 * Double(height)).rounded()) * width..<count)
      }
    }
  }

  /// Relative errors by one solver under one mask.
  private struct Outcome {
    var mask: Mask
    var solver: String
    var latentErrors: [Double] = []
    var signalErrors: [Double] = []

    var found: Share { Share(latentErrors.map { $0 <= latentErrorMax }) }
  }

  private func solvers() throws -> [NamedSolver] {
    [
      try .automatic(), try .levenbergMarquardt(restartsMax: 1),
      try .gradientDescent(preset: "aberdam2020"),
    ]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let network = try TrainedNetwork(.fashionMLP)
    let generator = network.generator
    let (height, width) = (generator.outputShape[1], generator.outputShape[2])
    let solvers = try solvers()
    let library = EncoderLibrary()
    var steps = progress.steps(Mask.allCases.count * trials)
    var outcomes: [Outcome] = []
    for mask in Mask.allCases {
      var ofMask = solvers.map { Outcome(mask: mask, solver: $0.name) }
      for trial in 0..<trials {
        steps.begin("\(mask.rawValue), latent \(trial + 1) of \(trials)")
        // The same latents for every mask.
        var latents = RandomNumbers(seed: seed, "\(Self.name) latent", trial: trial)
        let latent = generator.drawLatents(count: 1, from: &latents).values
        var random = RandomNumbers(seed: seed, "\(Self.name) mask", trial: trial)
        let pixels = mask.pixels(height: height, width: width, from: &random)
        let measurement: any Measurement =
          pixels.map { MaskMeasurement(entries: $0, signalCount: generator.outputCount) }
          ?? IdentityMeasurement(count: generator.outputCount)
        let planted = PlantedProblem(generator, measurement, latent: latent)
        for (place, solver) in solvers.enumerated() {
          guard place < solvers.count - 1 || trial < descentTrials else { continue }
          let solution = progress.timed("\(mask.rawValue), \(solver.name)") {
            solver.solve(
              planted, seed: seed &+ UInt64(trial), library: library, generatorKey: network.name)
          }
          ofMask[place].latentErrors.append(planted.latentError(solution.latent))
          ofMask[place].signalErrors.append(planted.signalError(solution.reconstruction))
        }
      }
      outcomes += ofMask
    }
    let names = solvers.map(\.name)
    return ExperimentReport(
      tables: [table(outcomes)], figures: [figure(outcomes, names)],
      closing: closing(outcomes, names, network.name))
  }

  private func table(_ outcomes: [Outcome]) -> ResultTable {
    var table = ResultTable(
      name: "errors", title: "Relative errors; found: latents to \(latentErrorMax.short())",
      columns: [
        .init("observed"), .init("solver"), .init("found", .share),
        .init("latent error", .median), .init("picture error", .median),
      ])
    for outcome in outcomes {
      table.add([
        .text(outcome.mask.rawValue), .text(outcome.solver), .share(outcome.found),
        .median(Median(outcome.latentErrors)), .median(Median(outcome.signalErrors)),
      ])
    }
    return table
  }

  /// Where the curves begin and end.
  private static let drawnErrors = 1e-16...10.0

  /// Of each solver the share of latents with at most that error.
  private func figure(_ outcomes: [Outcome], _ solvers: [String]) -> Figure {
    let panels = Mask.allCases.map { mask in
      let curves = solvers.enumerated().map { solver, name in
        let errors = outcomes.first { $0.mask == mask && $0.solver == name }?.latentErrors ?? []
        return LinePlot.Series(
          SeriesStyle(colour: Palette.series(solver), marker: nil), distribution(errors))
      }
      return LinePlot(
        axes: Axes(
          title: mask.rawValue, x: .logarithmic(Self.drawnErrors), y: .linear(-0.02...1.02),
          xName: "relative error of the latent", yName: "share of latents"),
        series: curves)
    }
    return Figure(
      name: "errors", title: "Distribution of the errors of recovered latents", panels: panels,
      columns: 3, panelHeight: 300,
      legend: solvers.enumerated().map {
        LegendEntry(
          name: $0.element, style: SeriesStyle(colour: Palette.series($0.offset), marker: nil))
      })
  }

  /// A step up at each error.
  private func distribution(_ errors: [Double]) -> [LinePlot.Point] {
    let sorted = errors.map { max($0, Self.drawnErrors.lowerBound) }.sorted()
    let steps = sorted.enumerated().flatMap { place, error in
      [place, place + 1].map { LinePlot.Point(error, Double($0) / Double(sorted.count)) }
    }
    return [LinePlot.Point(Self.drawnErrors.lowerBound, 0)] + steps + [
      LinePlot.Point(Self.drawnErrors.upperBound, 1)
    ]
  }

  private func closing(_ outcomes: [Outcome], _ solvers: [String], _ network: String) -> String {
    let sentences = Mask.allCases.map { mask in
      let ofMask = outcomes.filter { $0.mask == mask }.map {
        "\($0.solver) \($0.found.value.fixed(2)) of \($0.found.trials)"
      }.joined(separator: ", ")
      return "\(mask.rawValue): \(ofMask)"
    }.joined(separator: "; ")
    return """
      This redraws \(Self.source): in the paper the latent pursuit does nearly as well as the oracle \
      that knows which entries are active, with all pixels and with 45 % of them concealed, and \
      gradient descent fails in many of 512 trials. Latents found here (relative error up to \
      \(latentErrorMax.short())): \(sentences).

      Differences: the generator is \(network), of the same widths and trained on Fashion-MNIST, with \
      a sigmoid at its end where the paper has MNIST and a piecewise linear unit. The paper draws \
      histograms of the signal-to-noise ratio; here the curves give the share of latents with an \
      error up to each. Gradient descent has the paper's momentum, rate and 10,000 iterations, for \
      the first \(descentTrials) latents; how its rate decays is not published.
      """
  }
}
