import BundledGenerators
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// Latents of a trained perceptron of three layers, from all of its pictures' pixels and from parts.
public struct AberdamTrained: Experiment {
  public static let name = "aberdam-trained"
  public static let summary = "latents of a trained network, all pixels seen or 45 % concealed"
  public static let source = "Aberdam et al. 2020, figure 3"
  public static let fullMinutes = 5.0

  /// Latents for each mask.
  package var trials: Int
  /// The first so many of them also by gradient descent, which takes far longer than the others.
  package var descentTrials: Int

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(trials: 16, descentTrials: 2)
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

  /// Relative errors by one method under one mask.
  private struct Outcome {
    var mask: Mask
    var method: String
    var latentErrors: [Double] = []
    var signalErrors: [Double] = []

    var found: Share { Share(latentErrors.map { $0 <= latentErrorMax }) }
    /// Of those found, how many to nearly all digits of double precision.
    var exact: Share {
      Share(latentErrors.filter { $0 <= latentErrorMax }.map { $0 <= AberdamTrained.exactErrorMax })
    }
  }

  private static let exactErrorMax = 1e-10

  /// How latents are looked for.
  private struct Method {
    var name: String
    /// How many of the latents it is tried on.
    var trials: Int
    var find: (Sample) throws -> [Double]
  }

  /// One latent under one mask.
  private struct Sample {
    /// As solvers of the product see it: numbers of single precision.
    var planted: PlantedProblem
    /// The same network and the same pixels in double precision.
    var chain: LayerChain
    var trial: Int

    var latent: [Double] { planted.latent.map(Double.init) }
  }

  private func methods(_ network: TrainedNetwork, _ seed: UInt64) throws -> [Method] {
    let library = EncoderLibrary()
    func observed(_ solver: NamedSolver, trials: Int) -> Method {
      Method(name: solver.name, trials: trials) { sample in
        solver.solve(
          sample.planted, seed: seed &+ UInt64(sample.trial), library: library,
          generatorKey: network.name
        ).latent.map(Double.init)
      }
    }
    func precise(_ type: String, options: @escaping (Sample) -> JSONObject) -> Method {
      Method(name: "\(type), double", trials: trials) { sample in
        var document = options(sample)
        document["type"] = .string(type)
        let inversion = try LayerwiseInversion(chain: sample.chain, document: .object(document))
        let signals = sample.chain.signals(at: sample.latent)
        // Where a layer cannot be inverted nothing was found.
        return (try? inversion.invert(LayerObservation(precise: signals[signals.count - 1])))?
          .latent ?? sample.latent.map { _ in 0 }
      }
    }
    return [
      precise("latent_pursuit") { _ in [:] },
      precise("oracle") { ["latent": .numbers($0.latent)] },
      observed(try .plain("latent_pursuit"), trials: trials),
      observed(try .plain("hybrid"), trials: trials),
      observed(try .automatic(), trials: trials),
      observed(try .gradientDescent(preset: "aberdam2020"), trials: descentTrials),
    ]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let network = try TrainedNetwork(.fashionMLP)
    let generator = network.generator
    let (height, width) = (generator.outputShape[1], generator.outputShape[2])
    let methods = try methods(network, seed)
    var steps = progress.steps(Mask.allCases.count * trials)
    var outcomes: [Outcome] = []
    for mask in Mask.allCases {
      var ofMask = methods.map { Outcome(mask: mask, method: $0.name) }
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
        let sample = Sample(
          planted: PlantedProblem(generator, measurement, latent: latent),
          chain: LayerChain(generator, observing: pixels), trial: trial)
        for (place, method) in methods.enumerated() where trial < method.trials {
          let found = try progress.timed("\(mask.rawValue), \(method.name)") {
            try method.find(sample)
          }
          let signal = generator.evaluate(Batch(row: found.map { Float($0) })).values
          ofMask[place].latentErrors.append(sample.planted.latentError(found))
          ofMask[place].signalErrors.append(sample.planted.signalError(signal))
        }
      }
      outcomes += ofMask
    }
    let names = methods.map(\.name)
    return ExperimentReport(
      tables: [table(outcomes)], figures: [figure(outcomes, names)],
      closing: closing(outcomes, names, network.name))
  }

  private func table(_ outcomes: [Outcome]) -> ResultTable {
    var table = ResultTable(
      name: "errors",
      title: "Relative errors; found: latents to \(latentErrorMax.short()); exact: of those to "
        + "\(Self.exactErrorMax.short()); double: of observations in double precision",
      columns: [
        .init("observed"), .init("method"), .init("found", .share), .init("exact", .share),
        .init("latent error", .median), .init("picture error", .median),
      ])
    for outcome in outcomes {
      table.add([
        .text(outcome.mask.rawValue), .text(outcome.method), .share(outcome.found),
        outcome.exact.trials == 0 ? .missing : .share(outcome.exact),
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
        let errors = outcomes.first { $0.mask == mask && $0.method == name }?.latentErrors ?? []
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
        "\($0.method) \($0.found.value.fixed(3)) of \($0.found.trials)"
      }.joined(separator: ", ")
      return "\(mask.rawValue): \(ofMask)"
    }.joined(separator: "; ")
    let pursuits = outcomes.filter { $0.method == solvers[0] }
    let exact = pursuits.map(\.exact).reduce(Share(0, of: 0), +)
    let oracles = outcomes.filter { $0.method == solvers[1] }.map(\.found)
      .reduce(Share(0, of: 0), +)
    let pursuit = pursuits.map(\.found).reduce(Share(0, of: 0), +)
    let descent = outcomes.filter { $0.method == solvers[solvers.count - 1] }.map(\.found)
      .reduce(Share(0, of: 0), +)
    return """
      This redraws \(Self.source): in the paper the latent pursuit does nearly as well as the oracle \
      that knows which entries are active, with all pixels and with 45 % of them concealed, and \
      gradient descent fails in many of 512 trials. Latents found here (relative error up to \
      \(latentErrorMax.short())): \(sentences). Over all masks the pursuit in double precision \
      found \(pursuit.value.fixed(3)) and the oracle \(oracles.value.fixed(3)), \
      \(abs(pursuit.value - oracles.value) < 0.05 ? "as near to each other as in the paper"
        : "further from each other than in the paper"); gradient descent found \
      \(descent.value.fixed(2)), \(descent.successes == descent.trials
        ? "where it fails in many of the paper's trials: this network is easier for it"
        : "as the paper has it, not all"). Once the support of each layer is known, least squares \
      on it is exact: of the latents that the pursuit found, \(exact.successes) of \(exact.trials) are \
      right to \(Self.exactErrorMax.short()).

      Differences: the generator is \(network), of the same widths and trained on Fashion-MNIST, with \
      a sigmoid at its end where the paper has MNIST and a piecewise linear unit. The paper draws \
      histograms of the signal-to-noise ratio; here the curves give the share of latents with an \
      error up to each. Observations in double precision, as the paper's figures suggest, are given to the \
      layer-wise methods alone; the product's solvers see single precision. Convex programs and \
      least squares on their supports take the place of the paper's iterations, which take about 75 \
      seconds on a graphics processor for 512 latents with all pixels. Gradient descent has the \
      paper's momentum, rate and 10,000 iterations, for the first \(descentTrials) latents; how its \
      rate decays is not published.
      """
  }
}
