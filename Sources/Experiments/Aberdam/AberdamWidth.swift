import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// Errors of every layer against the width of the hidden one, in random networks of two layers.
public struct AberdamWidth: Experiment {
  public static let name = "aberdam-width"
  public static let summary = "errors of every layer against the width of the hidden one"
  public static let source = "Aberdam et al. 2020, figure 2"
  public static let fullMinutes = 12.0

  /// Networks, each with one latent, for each pair of widths.
  package var trials: Int
  /// `n0`
  package var latentCounts: [Int]
  /// `n1`
  package var hiddenCounts: [Int]
  /// `n`
  package var signalCount = 625
  /// Of the solvers that start anew.
  package var restartsMax: Int
  package var descentIterations: Int

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick:
      self.init(
        trials: 2, latentCounts: [100, 200], hiddenCounts: [150, 250, 450, 700, 1000],
        restartsMax: 2, descentIterations: 300)
    case .full:
      self.init(
        trials: 16, latentCounts: [100, 200],
        hiddenCounts: [50, 100, 150, 200, 250, 300, 400, 500, 600, 700, 800, 900, 1000],
        restartsMax: 8, descentIterations: 2000)
    }
  }

  package init(
    trials: Int, latentCounts: [Int], hiddenCounts: [Int], restartsMax: Int,
    descentIterations: Int
  ) {
    precondition(trials > 0 && restartsMax > 0, "something to try")
    self.trials = trials
    self.latentCounts = latentCounts
    self.hiddenCounts = hiddenCounts
    self.restartsMax = restartsMax
    self.descentIterations = descentIterations
  }

  private static let layerNames = ["latent", "hidden", "signal"]

  /// What became of the trials with one pair of widths.
  private struct Outcome {
    var latentCount: Int
    var hiddenCount: Int
    /// Whether the hidden layer had as many active rows as the latent has entries, and fewer than
    /// the signal, trial by trial.
    var isUnique: [Bool] = []
    /// Relative errors `[solver][layer][trial]`.
    var errors: [[[Double]]]

    func found(_ solver: Int) -> Share {
      Share(errors[solver][0].map { $0 <= latentErrorMax })
    }
  }

  private func solvers() throws -> [NamedSolver] {
    [
      try .automatic(restartsMax: restartsMax), try .hybrid(restartsMax: restartsMax),
      try .levenbergMarquardt(restartsMax: 1), try .plain("layered_basis_pursuit"),
      try .plain("latent_pursuit"),
      try NamedSolver(
        NamedSolver.gradientDescentName,
        [
          "type": "gradient_descent", "iterations_max": JSONValue(descentIterations),
          "restarts_max": 1, "starts": "prior",
        ]),
    ]
  }

  /// Of the latent pursuit among the solvers.
  private static let pursuitPlace = 4

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let solvers = try solvers()
    var steps = progress.steps(latentCounts.count * hiddenCounts.count * trials)
    var outcomes: [Outcome] = []
    for latentCount in latentCounts {
      for hiddenCount in hiddenCounts {
        var outcome = Outcome(
          latentCount: latentCount, hiddenCount: hiddenCount,
          errors: solvers.map { _ in Self.layerNames.map { _ in [] } })
        for trial in 0..<trials {
          steps.begin("\(latentCount) → \(hiddenCount) → \(signalCount), trial \(trial + 1)")
          try add(trial, to: &outcome, seed, solvers, progress)
        }
        outcomes.append(outcome)
      }
    }
    let names = solvers.map(\.name)
    return ExperimentReport(
      tables: [foundTable(outcomes, names), errorTable(outcomes, names)],
      figures: [figure(outcomes, names)], closing: closing(outcomes, names))
  }

  private func add(
    _ trial: Int, to outcome: inout Outcome, _ seed: UInt64, _ solvers: [NamedSolver],
    _ progress: ExperimentProgress
  ) throws {
    let widths = [outcome.latentCount, outcome.hiddenCount, signalCount]
    let name = widths.map(String.init).joined(separator: "-")
    var random = RandomNumbers(seed: seed, "\(Self.name) \(name)", trial: trial)
    let generator = try RandomNetwork.tanhPerceptron(widths, from: &random)
    let latent = generator.drawLatents(count: 1, from: &random).values
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: signalCount), latent: latent)
    let layers = [latent] + generator.layerOutputs(at: latent)
    let activeCount = layers[1].count { $0 > 0 }
    outcome.isUnique.append(activeCount >= outcome.latentCount && activeCount < signalCount)
    let library = EncoderLibrary()
    for (place, solver) in solvers.enumerated() {
      let solution = progress.timed(solver.name) {
        solver.solve(
          planted, seed: seed &+ UInt64(trial), library: library, generatorKey: "network")
      }
      let found = [solution.latent] + generator.layerOutputs(at: solution.latent)
      for (layer, values) in zip(found, layers).enumerated() {
        outcome.errors[place][layer].append(distance(values.0, values.1) / norm(values.1))
      }
    }
  }

  // MARK: tables

  private func foundTable(_ outcomes: [Outcome], _ solvers: [String]) -> ResultTable {
    var table = ResultTable(
      name: "found",
      title:
        "Latents found to \(latentErrorMax.short()), with Wilson's 95 % intervals; unique: the "
        + "hidden layer has at least n0 and less than n active entries",
      columns: [
        .init("n0"), .init("n1"), .init("solver"), .init("unique", .share),
        .init("found", .share),
      ])
    for outcome in outcomes {
      for (place, name) in solvers.enumerated() {
        table.add([
          .count(outcome.latentCount), .count(outcome.hiddenCount), .text(name),
          .share(Share(outcome.isUnique)), .share(outcome.found(place)),
        ])
      }
    }
    return table
  }

  private func errorTable(_ outcomes: [Outcome], _ solvers: [String]) -> ResultTable {
    var table = ResultTable(
      name: "errors", title: "Quantiles of the relative errors of each layer, latents fed forward",
      columns: ["n0", "n1", "solver", "layer", "10 %", "25 %", "50 %", "75 %", "90 %", "trials"]
        .map { .init($0) })
    for outcome in outcomes {
      for (place, name) in solvers.enumerated() {
        for (layer, errors) in zip(Self.layerNames, outcome.errors[place]) {
          let spread = Spread(errors)
          table.add([
            .count(outcome.latentCount), .count(outcome.hiddenCount), .text(name), .text(layer),
            .number(spread.tenth), .number(spread.quarter), .number(spread.median),
            .number(spread.threeQuarters), .number(spread.nineTenths), .count(errors.count),
          ])
        }
      }
    }
    return table
  }

  // MARK: the figure

  /// Rounding of single precision: what is below says nothing.
  private static let drawnErrors = 1e-8...10.0

  private func figure(_ outcomes: [Outcome], _ solvers: [String]) -> Figure {
    let reach = Double(hiddenCounts.max() ?? 1)
    let panels = latentCounts.flatMap { latentCount in
      let shown = outcomes.filter { $0.latentCount == latentCount }
      return Self.layerNames.indices.map { layer in
        let limits = [2 * latentCount, signalCount].filter { Double($0) <= reach }.map { limit in
          LinePlot.Series(
            .dashed(Palette.reference),
            [Self.drawnErrors.lowerBound, Self.drawnErrors.upperBound].map {
              LinePlot.Point(Double(limit), $0)
            })
        }
        let curves = solvers.indices.map { solver in
          LinePlot.Series(
            .series(solver),
            shown.map { outcome in
              let spread = Spread(outcome.errors[solver][layer])
              // A little apart, so that no bar hides another.
              let shift = reach * 0.004 * (Double(solver) - Double(solvers.count - 1) / 2)
              return LinePlot.Point(
                Double(outcome.hiddenCount) + shift, spread.median,
                spread.quarter...spread.threeQuarters)
            })
        }
        return LinePlot(
          axes: Axes(
            title: "n0 = \(latentCount): \(Self.layerNames[layer])", x: .linear(0...reach * 1.03),
            y: .logarithmic(Self.drawnErrors), xName: "hidden width, n1", yName: "relative error"),
          series: limits + curves)
      }
    }
    return Figure(
      name: "errors",
      title: "Errors of the layers of tanh(W2 ReLU(W1 z)), medians between quartiles",
      panels: panels, columns: Self.layerNames.count, panelHeight: 300,
      legend: solvers.enumerated().map { LegendEntry(name: $0.element, style: .series($0.offset)) }
        + [LegendEntry(name: "n1 = 2 n0 and n1 = n", style: .dashed(Palette.reference))])
  }

  private func closing(_ outcomes: [Outcome], _ solvers: [String]) -> String {
    let sentences = latentCounts.map { latentCount in
      let shown = outcomes.filter { $0.latentCount == latentCount }
      let ofSolvers = solvers.enumerated().map { solver, name in
        let widths = shown.filter { $0.found(solver).value >= 0.9 }.map(\.hiddenCount)
        return "\(name) "
          + (widths.isEmpty
            ? "nowhere" : "from \(widths[0]) to \(widths[widths.count - 1])")
      }.joined(separator: ", ")
      return "n0 = \(latentCount): \(ofSolvers)"
    }.joined(separator: "; ")
    let (below, above) = (
      outcomes.filter { !$0.isUnique.contains(true) },
      outcomes.filter { !$0.isUnique.contains(false) }
    )
    let foundBelow = below.flatMap { outcome in solvers.indices.map(outcome.found) }
      .reduce(Share(0, of: 0), +)
    let hidden = below.flatMap { $0.errors[Self.pursuitPlace][1] }
    let best = above.map { outcome in
      solvers.indices.map(outcome.found).max { $0.value < $1.value } ?? Share(0, of: 0)
    }.reduce(Share(0, of: 0), +)
    return """
      This redraws \(Self.source): in the paper every method fails while the hidden layer has fewer \
      active entries than the latent (half of n1, left of the first dashed line), layer-wise \
      pursuits and then gradient descent succeed beyond, and the pursuits alone fail again once the \
      hidden layer is much wider than the signal, since the last layer cannot be inverted by \
      itself. Hidden widths between which at least 9 of 10 latents were found: \(sentences). Where \
      no trial had as many active entries as the latent, \(foundBelow.successes) of \
      \(foundBelow.trials) were found; where all had, \(best.successes) of \(best.trials) by the \
      best solver of each width. \(hidden.isEmpty || Median(hidden).value > latentErrorMax
        ? "" : "Where none had, the median error of the hidden layer by \(solvers[Self.pursuitPlace]) "
          + "is \(Median(hidden).value.short(2)): in the paper, too, layers beyond the one that is "
          + "not determined are right all the same.")

      Differences: the paper has 512 signals a width, here \(trials), each of a network of its own. \
      Its scale of the weights is not given; here every layer's sums are of order one, and \
      observations are in single precision. Gradient descent takes momentum and one over the curvature \
      as its rate, \(descentIterations) iterations from one start, where the paper takes the best \
      of six rates and 10,000. Hidden layers are what the found latent gives when it is fed \
      forward.
      """
  }
}
