import BundledGenerators
import Documents
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// The probability of recovery against the share of pixels that are seen.
public struct MaPhase: Experiment {
  public static let name = "ma-phase"
  public static let summary = "probability of recovery against the sampling rate, for three masks"
  public static let source = "Ma et al. 2018, section 3 (phase transition, told without a figure)"
  public static let fullMinutes = 6.0

  package var rates: [Double]
  /// Latents planted for each rate and mask, in each kind of network.
  package var trials: Int
  /// Random masks at each rate for the trained network, which the trials take in turn.
  package var trainedMasks: Int
  package var includesTrained = true

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick:
      self.init(rates: [0.02, 0.04, 0.07, 0.1, 0.15, 0.25, 0.5, 1], trials: 10, trainedMasks: 1)
    case .full:
      self.init(
        rates: [0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.35, 0.5, 0.75, 1],
        trials: 60, trainedMasks: 6)
    }
  }

  package init(rates: [Double], trials: Int, trainedMasks: Int) {
    precondition(!rates.isEmpty && trials > 0 && trainedMasks > 0, "something to try")
    self.rates = rates
    self.trials = trials
    self.trainedMasks = trainedMasks
  }

  /// What became of the trials at one rate with one pattern.
  private struct Outcome {
    var identifiable: Share
    /// One a solver.
    var recovered: [Share]
    /// Of the identifiable ones, by the last solver.
    var recoveredOfIdentifiable: Share
  }

  /// The outcomes in one kind of network, `[pattern][rate]`.
  private struct Phase {
    var network: String
    var outcomes: [[Outcome]]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let solvers = [try NamedSolver.adam(), try NamedSolver.automatic()]
    let patterns = MaskPattern.allCases
    var steps = progress.steps(
      rates.count * patterns.count * trials * (includesTrained ? 2 : 1))
    var phases = [
      try phase("Gaussian 10-16-1", seed, solvers, &steps) { trial in
        var random = RandomNumbers(seed: seed, "\(Self.name) network", trial: trial)
        return (
          "gaussian \(trial)",
          try RandomNetwork.twoTransposedConvolutions(
            latentCount: 10, activation: "relu", .normal(deviation: 1), from: &random), trial
        )
      }
    ]
    if includesTrained {
      let trained = try TrainedNetwork(.fashionConv)
      phases.append(
        try phase(trained.name, seed, solvers, &steps) { trial in
          (trained.name, trained.generator, trial % trainedMasks)
        })
    }
    return ExperimentReport(
      tables: [table(phases, solvers)], figures: [figure(phases, solvers)],
      closing: closing(phases, solvers))
  }

  /// - Parameter network: of a trial: its key, the generator, and which mask it is seen through.
  private func phase(
    _ name: String, _ seed: UInt64, _ solvers: [NamedSolver],
    _ steps: inout ExperimentProgress.Steps,
    network: (Int) throws -> (key: String, generator: Generator, mask: Int)
  ) throws -> Phase {
    let library = EncoderLibrary()
    let networks = try (0..<trials).map(network)
    var outcomes: [[Outcome]] = []
    for pattern in MaskPattern.allCases {
      var ofPattern: [Outcome] = []
      for (place, rate) in rates.enumerated() {
        var identifiable: [Bool] = []
        var recovered = solvers.map { _ in [Bool]() }
        for (trial, network) in networks.enumerated() {
          steps.begin("\(name), \(pattern.rawValue) mask, rate \(rate.short()), trial \(trial + 1)")
          var maskNumbers = RandomNumbers(
            seed: seed, "\(Self.name) mask \(pattern.rawValue) \(place)", trial: network.mask)
          let pixels = pattern.pixels(
            rate: rate, shape: network.generator.outputShape, from: &maskNumbers)
          var latentNumbers = RandomNumbers(seed: seed, "\(Self.name) latent", trial: trial)
          let latent = network.generator.drawLatents(count: 1, from: &latentNumbers).values
          let planted = PlantedProblem(
            network.generator,
            MaskMeasurement(entries: pixels, signalCount: network.generator.outputCount),
            latent: latent)
          identifiable.append(planted.isIdentifiable)
          for (index, solver) in solvers.enumerated() {
            let solution = solver.solve(
              planted, seed: seed &+ UInt64(trial), library: library, generatorKey: network.key)
            recovered[index].append(planted.latentError(solution.latent) <= latentErrorMax)
          }
        }
        let last = recovered[recovered.count - 1]
        ofPattern.append(
          Outcome(
            identifiable: Share(identifiable), recovered: recovered.map { Share($0) },
            recoveredOfIdentifiable: Share(
              zip(identifiable, last).filter { $0.0 }.map { $0.1 })))
      }
      outcomes.append(ofPattern)
    }
    return Phase(network: name, outcomes: outcomes)
  }

  private func table(_ phases: [Phase], _ solvers: [NamedSolver]) -> ResultTable {
    var table = ResultTable(
      name: "recovery",
      title: "Latents recovered to \(latentErrorMax.short()), with Wilson's 95 % intervals",
      columns: [.init("network"), .init("mask"), .init("rate"), .init("identifiable", .share)]
        + solvers.map { .init($0.name, .share) } + [
          .init("\(solvers[solvers.count - 1].name), of identifiable", .share)
        ])
    for phase in phases {
      for (pattern, outcomes) in zip(MaskPattern.allCases, phase.outcomes) {
        for (rate, outcome) in zip(rates, outcomes) {
          table.add(
            [
              .text(phase.network), .text(pattern.rawValue), .number(rate),
              .share(outcome.identifiable),
            ] + outcome.recovered.map { .share($0) } + [
              outcome.recoveredOfIdentifiable.trials == 0
                ? .missing : .share(outcome.recoveredOfIdentifiable)
            ])
        }
      }
    }
    return table
  }

  private func figure(_ phases: [Phase], _ solvers: [NamedSolver]) -> Figure {
    let panels = phases.flatMap { phase in
      solvers.indices.map { solver in
        let curves = phase.outcomes.enumerated().flatMap { pattern, outcomes in
          let bound = LinePlot.Series(
            .dashed(Palette.series(pattern)),
            zip(rates, outcomes).map { LinePlot.Point($0, $1.identifiable.value) })
          let recovered = LinePlot.Series(
            .series(pattern),
            zip(rates, outcomes).map { rate, outcome in
              // A little apart, so that no error bar hides another.
              LinePlot.Point(
                rate * pow(1.04, Double(pattern - 1)), outcome.recovered[solver].value,
                outcome.recovered[solver].interval)
            })
          return [bound, recovered]
        }
        return LinePlot(
          axes: Axes(
            title: "\(phase.network), \(solvers[solver].name)",
            x: .logarithmic((rates.min() ?? 0.1) * 0.85...1.18), y: .linear(-0.04...1.04),
            xName: "share of pixels observed", yName: "probability of recovery"),
          series: curves)
      }
    }
    return Figure(
      name: "phase", title: "Recovery of planted latents against the sampling rate", panels: panels,
      columns: solvers.count, panelHeight: 310,
      legend: MaskPattern.allCases.enumerated().map {
        LegendEntry(name: "\($0.element.rawValue) mask", style: .series($0.offset))
      } + [
        LegendEntry(name: "identifiable (rank of the Jacobian)", style: .dashed(Palette.reference))
      ])
  }

  /// The smallest rate from which on at least 9 of 10 are recovered.
  private func threshold(_ outcomes: [Outcome], _ solver: Int) -> String {
    var smallest: Double?
    for (rate, outcome) in zip(rates, outcomes).reversed() {
      guard outcome.recovered[solver].value >= 0.9 else { break }
      smallest = rate
    }
    return smallest.map { $0.short() } ?? "none"
  }

  private func closing(_ phases: [Phase], _ solvers: [NamedSolver]) -> String {
    let thresholds = phases.map { phase in
      let ofSolvers = solvers.enumerated().map { index, solver in
        let ofPatterns = zip(MaskPattern.allCases, phase.outcomes).map {
          "\($0.rawValue) \(threshold($1, index))"
        }.joined(separator: ", ")
        return "\(solver.name): \(ofPatterns)"
      }.joined(separator: "; ")
      return "\(phase.network) \(ofSolvers)"
    }.joined(separator: ". ")
    let last = solvers.count - 1
    let identifiable = phases.flatMap(\.outcomes).joined().map(\.recoveredOfIdentifiable)
      .reduce(Share(0, of: 0), +)
    return """
      This draws what section 3 of Ma et al. (2018) tells without a figure: spatially dispersed \
      masks need fewer pixels than aggressive ones (halves, borders), and with any mask the \
      probability of recovery has a phase transition in the sampling rate. Smallest rates tried \
      from which on 9 of 10 latents are recovered: \(thresholds). The dashed lines are what a \
      method can hope for: the share of planted latents at which the Jacobian has full rank. Over all rates \
      and masks, \(solvers[last].name) recovered \(identifiable.value.fixed(3)) of the \
      \(identifiable.trials) identifiable latents. Differences: the paper gives no numbers, names \
      plain gradient descent, and leaves the boundary mask's growth open; here it grows from the \
      border inwards, and the half grows downwards. The Gaussian networks have the layers of \
      section 4.2 with 10 latents, a new network for each trial; the trained one is \
      \(phases.last?.network ?? ""), whose trials share \(trainedMasks) random \
      mask\(trainedMasks == 1 ? "" : "s") a rate, so that its intervals are a little too narrow.
      """
  }
}
