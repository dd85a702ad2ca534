import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// Recovery without noise against the latent's size, in random networks of two layers.
public struct LeiWidth: Experiment {
  public static let name = "lei-width"
  public static let summary = "success against the latent's size, with ReLU and with LeakyReLU"
  public static let source = "Lei et al. 2019, figure 2"
  public static let fullMinutes = 25.0

  /// Networks, each with one latent, for each size.
  package var trials: Int
  package var sweeps: [Sweep]
  /// After the latent.
  package var layers = [250, 600]
  /// Of the solvers that start anew.
  package var restartsMax: Int

  /// One panel of the figure.
  package struct Sweep: Sendable {
    package var activation: Activation
    /// Entries of the latent.
    package var latents: [Int]

    package init(_ activation: Activation, latents: [Int]) {
      self.activation = activation
      self.latents = latents
    }
  }

  package enum Activation: String, Sendable {
    case relu = "ReLU"
    case leakyReLU = "LeakyReLU"

    /// The slope is that of the paper's code.
    var document: JSONValue {
      switch self {
      case .relu: ["type": "relu"]
      case .leakyReLU: ["type": "leaky_relu", "negative_slope": 0.1]
      }
    }
  }

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick:
      self.init(
        trials: 5,
        sweeps: [
          Sweep(.relu, latents: [20, 60, 100, 110, 120, 130]),
          Sweep(.leakyReLU, latents: [50, 150, 250]),
        ], restartsMax: 6)
    case .full:
      self.init(
        trials: 100,
        sweeps: [
          Sweep(
            .relu,
            latents: [10, 30, 50, 70, 90, 100, 105, 109, 113, 117, 121, 125, 130, 135, 140]),
          Sweep(.leakyReLU, latents: [25, 50, 100, 150, 200, 230, 240, 250]),
        ], restartsMax: 8)
    }
  }

  package init(trials: Int, sweeps: [Sweep], restartsMax: Int) {
    precondition(trials > 0 && restartsMax > 0, "something to try")
    self.trials = trials
    self.sweeps = sweeps
    self.restartsMax = restartsMax
  }

  /// What became of the trials of one size.
  private struct Outcome {
    var latentCount: Int
    /// Whether the signal determines the latent, trial by trial: with ReLU, each layer has as many
    /// active rows as it has inputs. Hidden inputs that are known not to be negative can be told
    /// from fewer, which matters where the last layer is hardly twice as wide.
    var isDetermined: [Bool]
    /// `[solver][trial]`
    var isFound: [[Bool]]

    /// Trials in which a solver found the latent just when it is determined.
    func agreement(_ solver: Int) -> Share {
      Share(zip(isDetermined, isFound[solver]).map { $0 == $1 })
    }
  }

  private func solvers() throws -> [NamedSolver] {
    [
      try .automatic(restartsMax: restartsMax), try .hybrid(restartsMax: restartsMax),
      try .levenbergMarquardt(restartsMax: restartsMax), try .plain("linear_system"),
      try .plain("linf_lp"), try .plain("l1_lp"), try .plain("relaxed_lp"),
      try .plain("latent_pursuit"), try .gradientDescent(preset: "lei2019"),
    ]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let solvers = try solvers()
    var steps = progress.steps(trials * sweeps.reduce(0) { $0 + $1.latents.count })
    var results: [[Outcome]] = []
    for sweep in sweeps {
      results.append(
        try sweep.latents.map { count in
          var outcome = Outcome(
            latentCount: count, isDetermined: [], isFound: solvers.map { _ in [] })
          for trial in 0..<trials {
            steps.begin("\(sweep.activation.rawValue), k = \(count), trial \(trial + 1)")
            let (isDetermined, isFound) = try self.trial(
              sweep.activation, latentCount: count, trial, seed, solvers, progress)
            outcome.isDetermined.append(isDetermined)
            for (solver, isFound) in isFound.enumerated() {
              outcome.isFound[solver].append(isFound)
            }
          }
          return outcome
        })
    }
    let names = solvers.map(\.name)
    return ExperimentReport(
      tables: [table(results, names)], figures: [figure(results, names)],
      closing: closing(results, names))
  }

  private func trial(
    _ activation: Activation, latentCount: Int, _ trial: Int, _ seed: UInt64,
    _ solvers: [NamedSolver], _ progress: ExperimentProgress
  ) throws -> (isDetermined: Bool, isFound: [Bool]) {
    var random = RandomNumbers(
      seed: seed, "\(Self.name) \(activation.rawValue) \(latentCount)", trial: trial)
    let generator = try RandomNetwork.expansive(
      [latentCount] + layers, activation: activation.document, from: &random)
    let latent = generator.drawLatents(count: 1, from: &random).values
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: generator.outputCount), latent: latent)
    let library = EncoderLibrary()
    let isFound = solvers.map { solver in
      let solution = progress.timed(solver.name) {
        solver.solve(
          planted, seed: seed &+ UInt64(trial), library: library, generatorKey: "network")
      }
      return planted.latentError(solution.latent) <= latentErrorMax
    }
    let isDetermined =
      switch activation {
      case .relu:
        zip([latentCount] + layers, generator.layerOutputs(at: latent)).allSatisfy {
          inputCount, outputs in outputs.count { $0 > 0 } >= inputCount
        }
      case .leakyReLU:
        zip([latentCount] + layers, layers).allSatisfy { $0 <= $1 }
      }
    return (isDetermined, isFound)
  }

  /// That the signal determines a latent of so many entries.
  private func probability(_ activation: Activation, latentCount: Int) -> Double {
    zip([latentCount] + layers, layers).reduce(1) { product, size in
      switch activation {
      // Given the layer before, each row is active with probability 1/2, whatever the others are.
      case .relu: product * FairCoins.probability(ofAtLeast: size.0, in: size.1)
      case .leakyReLU: size.0 <= size.1 ? product : 0
      }
    }
  }

  private func table(_ results: [[Outcome]], _ solvers: [String]) -> ResultTable {
    var table = ResultTable(
      name: "success",
      title:
        "Latents found to \(latentErrorMax.short()), with Wilson's 95 % intervals; determined: "
        + "with ReLU, every layer has as many active rows as inputs",
      columns: [
        .init("activation"), .init("solver"), .init("k"), .init("P(determined)"),
        .init("determined", .share), .init("found", .share), .init("found as determined", .share),
      ])
    for (sweep, outcomes) in zip(sweeps, results) {
      for (solver, name) in solvers.enumerated() {
        for outcome in outcomes {
          table.add([
            .text(sweep.activation.rawValue), .text(name), .count(outcome.latentCount),
            .number(probability(sweep.activation, latentCount: outcome.latentCount)),
            .share(Share(outcome.isDetermined)), .share(Share(outcome.isFound[solver])),
            .share(outcome.agreement(solver)),
          ])
        }
      }
    }
    return table
  }

  private func figure(_ results: [[Outcome]], _ solvers: [String]) -> Figure {
    let panels = zip(sweeps, results).map { sweep, outcomes in
      let reach = Double(outcomes.map(\.latentCount).max() ?? 1)
      let counts = Array(1...max(1, Int(reach)))
      let limit = LinePlot.Series(
        .dashed(Palette.reference),
        counts.map {
          LinePlot.Point(Double($0), probability(sweep.activation, latentCount: $0))
        })
      let curves = solvers.indices.map { solver in
        LinePlot.Series(
          .series(solver),
          outcomes.map { outcome in
            let share = Share(outcome.isFound[solver])
            // A little apart, so that no error bar hides another.
            let shift = reach * 0.006 * (Double(solver) - Double(solvers.count - 1) / 2)
            return LinePlot.Point(Double(outcome.latentCount) + shift, share.value, share.interval)
          })
      }
      return LinePlot(
        axes: Axes(
          title: sweep.activation.rawValue, x: .linear(0...reach * 1.04), y: .linear(-0.04...1.04),
          xName: "entries of the latent, k", yName: "share of latents found"),
        series: [limit] + curves)
    }
    return Figure(
      name: "success",
      title: "Recovery against the latent's size: k → "
        + layers.map(String.init).joined(separator: " → "),
      panels: panels, columns: panels.count, panelHeight: 340,
      legend: solvers.enumerated().map { LegendEntry(name: $0.element, style: .series($0.offset)) }
        + [
          LegendEntry(
            name: "probability that the signal determines z", style: .dashed(Palette.reference))
        ])
  }

  private func closing(_ results: [[Outcome]], _ solvers: [String]) -> String {
    let sentences = zip(sweeps, results).map { sweep, outcomes in
      let ofSolvers = solvers.enumerated().map { solver, name in
        let agreement = outcomes.map { $0.agreement(solver) }.reduce(Share(0, of: 0), +)
        let last = outcomes.prefix { $0.isFound[solver].allSatisfy { $0 } }.last
        return "\(name) up to \(last.map { String($0.latentCount) } ?? "none") "
          + "(\(agreement.successes) of \(agreement.trials))"
      }.joined(separator: ", ")
      return "With \(sweep.activation.rawValue), sizes up to which every latent was found, and "
        + "trials in which it was found just when it is determined: \(ofSolvers)."
    }.joined(separator: " ")
    return """
      This redraws \(Self.source): without noise, the paper's linear programs recover every latent \
      until k = 109, while gradient descent fails from about 60 on. A ReLU layer determines its \
      inputs when as many of its rows are active as there are inputs; in random networks each row is active with \
      probability 1/2, which gives the dashed line, the share that any method can reach: \
      \(probability(.relu, latentCount: 109).fixed(3)) at the paper's 109. LeakyReLU hides nothing \
      up to as many entries as rows. \(sentences)

      Differences: the paper has 200 runs a point, here \(trials), a new network for each; the \
      slope of LeakyReLU is that of its code, 0.1. Gradient descent has \
      its rate of 1 and 1000 iterations from one start; levenberg_marquardt and automatic have up \
      to \(restartsMax) starts.
      """
  }
}
