import BundledGenerators
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import SignalFormats

/// Pictures of a trained perceptron from some of their pixels or from random projections.
public struct LeiSensing: Experiment, OutsideGeneratorExperiment {
  public static let name = "lei-sensing"
  public static let summary = "pictures of a trained network from masks and random projections"
  public static let source = "Lei et al. 2019, figure 4"
  public static let fullMinutes = 3.0
  public static let generatorName = "lei-vae-relu"

  /// Without it, `fashion-mlp` takes its place.
  public var generatorFolder: String?
  /// Latents for each kind of observation.
  package var trials: Int
  /// The first so many of them also by gradient descent, at least as many as pictures are shown.
  package var descentTrials: Int
  package var projections: [Int]
  /// Iterations of projected gradient descent whose projection is a linear program for each layer.
  package var programProjectionsMax = 10
  /// The same of a descent, which takes far less time.
  private static let descentProjectionsMax = 300

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(trials: 5, descentTrials: 5, projections: [100])
    case .full: self.init(trials: 40, descentTrials: 40, projections: [250, 100, 50, 25])
    }
  }

  package init(trials: Int, descentTrials: Int, projections: [Int]) {
    precondition(trials > 0, "something to try")
    precondition((1...trials).contains(descentTrials), "as many trials as there are, at most")
    self.trials = trials
    self.descentTrials = descentTrials
    self.projections = projections
  }

  /// What is seen of a picture.
  private enum Sight {
    /// All but a square of so many pixels a side, somewhere in the middle.
    case block(side: Int)
    case random(share: Double)
    case top
    /// So many sums of all pixels, with normal weights.
    case projections(Int)

    var name: String {
      switch self {
      case .block(let side): "\(side) × \(side) hidden"
      case .random(let share): "random \((100 * share).fixed(0)) %"
      case .top: "top half"
      case .projections(let rows): "\(rows) projections"
      }
    }

    /// The pixels that are seen; `nil` where each number is of all of them.
    func pixels(height: Int, width: Int, from random: inout RandomNumbers) -> [Int]? {
      let all = 0..<height * width
      switch self {
      case .block(let side):
        let top = Int(random.uniform() * Double(height - side) / 2) + (height - side) / 4
        let left = Int(random.uniform() * Double(width - side) / 2) + (width - side) / 4
        return all.filter { pixel in
          !(top..<top + side).contains(pixel / width)
            || !(left..<left + side).contains(pixel % width)
        }
      case .random(let share):
        return random.subset(Int((share * Double(all.count)).rounded()), below: all.count)
      case .top: return all.filter { $0 / width < height / 2 }
      case .projections: return nil
      }
    }
  }

  private var sights: [Sight] {
    [.block(side: 12), .random(share: 0.9), .random(share: 0.5), .top]
      + projections.map { .projections($0) }
  }

  /// What became of one kind of observation.
  private struct Outcome {
    var sight: String
    var isIdentifiable: [Bool] = []
    /// `[solver][trial]`, fewer trials for the last solver.
    var signalErrors: [[Double]]
    var latentErrors: [[Double]]

    /// Of the latents that the observation determines.
    func found(_ solver: Int) -> Share {
      Share(
        zip(isIdentifiable, latentErrors[solver]).filter(\.0).map { $0.1 <= latentErrorMax })
    }
  }

  private func solvers() throws -> [NamedSolver] {
    [
      try .automatic(), try .plain("hybrid"), try .plain("linf_lp"),
      try .projectedGradient(
        "projected by linf_lp", projection: ["type": "linf_lp", "tolerance_growth": 2],
        iterations: programProjectionsMax),
      try .projectedGradient(
        "projected by l1_lp", projection: ["type": "l1_lp"], iterations: programProjectionsMax),
      try .projectedGradient(
        "projected by descent", projection: ["type": "levenberg_marquardt", "restarts_max": 1],
        iterations: Self.descentProjectionsMax),
      try .gradientDescent(preset: "lei2019_trained"),
    ]
  }

  /// Of the solvers, the one that the paper has.
  private static let programPlace = 3

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let network = try TrainedNetwork(
      Self.generatorName, inFolder: generatorFolder, else: .fashionMLP)
    let generator = network.generator
    let (height, width) = (generator.outputShape[1], generator.outputShape[2])
    let solvers = try solvers()
    let library = EncoderLibrary()
    var steps = progress.steps(sights.count * trials)
    var outcomes: [Outcome] = []
    var columns: [Column] = []
    for sight in sights {
      var outcome = Outcome(
        sight: sight.name, signalErrors: solvers.map { _ in [] },
        latentErrors: solvers.map { _ in [] })
      for trial in 0..<trials {
        steps.begin("\(sight.name), latent \(trial + 1) of \(trials)")
        var random = RandomNumbers(seed: seed, "\(Self.name) \(sight.name)", trial: trial)
        let pixels = sight.pixels(height: height, width: width, from: &random)
        let measurement: any Measurement =
          switch sight {
          case .projections(let rows):
            GaussianMeasurement(
              rows: rows, seed: random.next() >> 11, signalCount: generator.outputCount)
          default:
            MaskMeasurement(entries: pixels ?? [], signalCount: generator.outputCount)
          }
        let planted = PlantedProblem(
          generator, measurement, latent: generator.drawLatents(count: 1, from: &random).values)
        outcome.isIdentifiable.append(planted.isIdentifiable)
        var column = Column(sight: sight.name, planted: planted, pixels: pixels)
        for (place, solver) in solvers.enumerated() {
          guard solver.canFollow(measurement),
            place < solvers.count - 1 || trial < descentTrials
          else {
            column.reconstructions.append(nil)
            continue
          }
          let solution = progress.timed(solver.name) {
            solver.solve(
              planted, seed: seed &+ UInt64(trial), library: library, generatorKey: network.name)
          }
          outcome.signalErrors[place].append(planted.signalError(solution.reconstruction))
          outcome.latentErrors[place].append(planted.latentError(solution.latent))
          column.reconstructions.append(solution.reconstruction)
        }
        // One that what is seen determines, where there is one.
        if outcome.isIdentifiable[trial], columns.last?.sight != sight.name,
          columns.count < Self.columnsMax
        {
          columns.append(column)
        }
      }
      outcomes.append(outcome)
    }
    let names = solvers.map(\.name)
    return ExperimentReport(
      tables: [table(outcomes, names)], figures: [try figure(columns, names, network)],
      closing: closing(outcomes, names, network.name))
  }

  private func table(_ outcomes: [Outcome], _ solvers: [String]) -> ResultTable {
    var table = ResultTable(
      name: "errors",
      title: "Relative errors; found: latents to \(latentErrorMax.short()), of those at which the "
        + "Jacobian has full rank",
      columns: [
        .init("observed"), .init("solver"), .init("identifiable", .share), .init("found", .share),
        .init("picture error", .median), .init("latent error", .median),
      ])
    for outcome in outcomes {
      for (place, name) in solvers.enumerated() where !outcome.signalErrors[place].isEmpty {
        let found = outcome.found(place)
        table.add([
          .text(outcome.sight), .text(name), .share(Share(outcome.isIdentifiable)),
          found.trials == 0 ? .missing : .share(found),
          .median(Median(outcome.signalErrors[place])),
          .median(Median(outcome.latentErrors[place])),
        ])
      }
    }
    return table
  }

  // MARK: the figure

  /// Names stand above the columns.
  private static let columnsMax = 5

  /// One picture: as it was, as it is seen, and what each solver made of it.
  private struct Column {
    var sight: String
    var planted: PlantedProblem
    /// `nil` where sums of all pixels are seen.
    var pixels: [Int]?
    /// One a solver; `nil` where it was not tried.
    var reconstructions: [[Float]?] = []
  }

  private func figure(
    _ columns: [Column], _ solvers: [String], _ network: TrainedNetwork
  ) throws -> Figure {
    let generator = network.generator
    let names = ["observed", "original"] + solvers
    let grid = PictureGrid(
      columnNames: columns.map(\.sight), rowNames: names,
      pictures: try names.indices.map { row in
        try columns.map { column in
          let original = try generator.picture(of: column.planted.signal)
          switch row {
          case 0: return column.pixels.map { original.hiding(allBut: $0) }
          case 1: return original
          default: return try column.reconstructions[row - 2].map(generator.picture)
          }
        }
      },
      captions: names.indices.map { row in
        columns.map { column in
          row < 2
            ? nil
            : column.reconstructions[row - 2].map {
              "error \(column.planted.signalError($0).short(2))"
            }
        }
      })
    return Figure(
      name: "pictures", title: "Pictures of \(network.name) from parts and from projections",
      panels: [grid], columns: 1, panelHeight: Double(names.count) * 118 + 24)
  }

  private func closing(_ outcomes: [Outcome], _ solvers: [String], _ network: String) -> String {
    let found = solvers.enumerated().map { solver, name in
      let share = outcomes.map { $0.found(solver) }.reduce(Share(0, of: 0), +)
      return "\(name) \(share.value.fixed(2)) of \(share.trials)"
    }.joined(separator: ", ")
    let projected = outcomes.map { $0.found(Self.programPlace) }.reduce(Share(0, of: 0), +)
    let identifiable = Share(outcomes.flatMap(\.isIdentifiable))
    return """
      This redraws \(Self.source): in the paper, pictures with hidden regions are always recovered \
      by projected gradient descent whose projection is the l-infinity linear program, while gradient \
      descent sometimes ends in another picture. Of the latents here, \
      \(identifiable.value.fixed(2)) are determined by what is seen of them, as far as the Jacobian \
      tells; latents found of those, over all kinds of observation that the method can follow: \
      \(found). \(projected.value < 0.9 ? "Projected by the linear program, few "
        + "are found: entries that are not seen are as wrong as the start is, and the program has to "
        + "allow as much everywhere. The authors' code has no such projection; it leaves the rows of "
        + "hidden pixels out, as linf_lp does here. " : "")The product's own choice and hybrid polish \
      from end to end and start anew.

      Differences: the paper shows five examples of one mask, which hides a tenth of the pixels in its \
      code, and counts nothing; here several masks and random projections are tried with \
      \(trials) latents each. The network is \
      \(network)\(generatorFolder == nil
        ? ", which comes with the product, since no folder of generators was found with "
          + "\(Self.generatorName), the paper's layers" : ", which its authors published, the "
          + "decoder of a variational autoencoder where the paper tells of a generative adversarial "
          + "network"). Projections by the program have a tolerance that doubles where \
      it proves too small, and there are \(programProjectionsMax) of them. Gradient descent has the \
      paper's rate of 0.001 and 10,000 iterations, for the first \(descentTrials) latents.
      """
  }
}
