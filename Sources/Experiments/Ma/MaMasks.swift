import BundledGenerators
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks
import SignalFormats

/// Pictures of a trained convolutional generator seen through five masks, and completed.
public struct MaMasks: Experiment {
  public static let name = "ma-masks"
  public static let summary = "pictures of a trained generator completed from five masks"
  public static let source = "Ma et al. 2018, figures 5 and 6"
  public static let fullMinutes = 2.0

  /// Latents planted for each mask.
  package var trials: Int

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick: self.init(trials: 12)
    case .full: self.init(trials: 200)
    }
  }

  package init(trials: Int) {
    precondition(trials > 0, "something to try")
    self.trials = trials
  }

  /// The columns of the figures.
  private enum Mask: String, CaseIterable {
    case random = "random half"
    case top = "top half"
    case bottom = "bottom half"
    case left = "left half"
    case right = "right half"

    func pixels(height: Int, width: Int, from random: inout RandomNumbers) -> [Int] {
      let all = Array(0..<height * width)
      switch self {
      case .random: return random.subset(all.count / 2, below: all.count)
      case .top: return all.filter { $0 / width < height / 2 }
      case .bottom: return all.filter { $0 / width >= height / 2 }
      case .left: return all.filter { $0 % width < width / 2 }
      case .right: return all.filter { $0 % width >= width / 2 }
      }
    }
  }

  /// One latent through one mask by one solver.
  private struct Trial {
    var latentError: Double
    /// In decibels.
    var observedPSNR: Double
    var hiddenPSNR: Double
    var verdict: Verdict
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let network = try TrainedNetwork(.fashionConv)
    let generator = network.generator
    let (height, width) = (generator.outputShape[1], generator.outputShape[2])
    let library = EncoderLibrary()
    let solvers = [try NamedSolver.adam(), try NamedSolver.automatic()]
    var steps = progress.steps(Mask.allCases.count * trials)
    var results: [(mask: Mask, solver: String, trials: [Trial])] = []
    var columns: [[Raster?]] = []
    for (place, mask) in Mask.allCases.enumerated() {
      var maskNumbers = RandomNumbers(seed: seed, "\(Self.name) mask", trial: place)
      let pixels = mask.pixels(height: height, width: width, from: &maskNumbers)
      let measurement = MaskMeasurement(entries: pixels, signalCount: generator.outputCount)
      var ofSolvers = solvers.map { _ in [Trial]() }
      for trial in 0..<trials {
        steps.begin("\(mask.rawValue), latent \(trial + 1) of \(trials)")
        // Another latent for each mask, as in the paper.
        var random = RandomNumbers(
          seed: seed, "\(Self.name) latent \(mask.rawValue)", trial: trial)
        let planted = PlantedProblem(
          generator, measurement,
          latent: generator.drawLatents(count: 1, from: &random).values)
        let solutions = solvers.map {
          $0.solve(
            planted, seed: seed &+ UInt64(trial), library: library, generatorKey: network.name)
        }
        for (index, solution) in solutions.enumerated() {
          ofSolvers[index].append(self.trial(planted, solution, observed: pixels))
        }
        if trial == 0 {
          columns.append(
            try column(planted, solutions.map(\.reconstruction), observed: pixels))
        }
      }
      for (solver, trials) in zip(solvers, ofSolvers) {
        results.append((mask, solver.name, trials))
      }
    }
    let figure = figure(
      columns, solvers.map(\.name), latentErrors: results.map(\.trials[0].latentError))
    return ExperimentReport(
      tables: [table(results)], figures: [figure], closing: closing(results, network.name))
  }

  private func trial(
    _ planted: PlantedProblem, _ solution: Solution, observed: [Int]
  ) -> Trial {
    let seen = Set(observed)
    let peak = planted.problem.generator.outputRange.map { Double($0.upperBound - $0.lowerBound) }
    func psnr(_ entries: [Int]) -> Double {
      let squares = entries.reduce(0.0) { sum, entry in
        let error = Double(solution.reconstruction[entry] - planted.signal[entry])
        return sum + error * error
      }
      let mean = squares / Double(max(entries.count, 1))
      // Differences of rounding alone say nothing.
      return min(Self.psnrMax, 10 * log10((peak ?? 1) * (peak ?? 1) / max(mean, 1e-30)))
    }
    return Trial(
      latentError: planted.latentError(solution.latent), observedPSNR: psnr(observed),
      hiddenPSNR: psnr(planted.signal.indices.filter { !seen.contains($0) }),
      verdict: solution.verdict)
  }

  /// Beyond it single precision rounds: the pictures are equal.
  private static let psnrMax = 120.0

  private func table(_ results: [(mask: Mask, solver: String, trials: [Trial])]) -> ResultTable {
    var table = ResultTable(
      name: "completion",
      title: "Completion from half of the pixels; PSNR in dB, \(Self.psnrMax.short()) at most",
      columns: [
        .init("mask"), .init("solver"), .init("PSNR observed", .median),
        .init("PSNR hidden", .median), .init("latent error", .median), .init("z* found", .share),
        .init("verdict recovered", .share), .init("recovered but wrong", .share),
      ])
    for result in results {
      table.add([
        .text(result.mask.rawValue), .text(result.solver),
        .median(Median(result.trials.map(\.observedPSNR))),
        .median(Median(result.trials.map(\.hiddenPSNR))),
        .median(Median(result.trials.map(\.latentError))),
        .share(Share(result.trials.map { $0.latentError <= latentErrorMax })),
        .share(Share(result.trials.map { $0.verdict == .recovered })),
        .share(
          Share(
            result.trials.map { $0.verdict == .recovered && $0.latentError > latentErrorMax })),
      ])
    }
    return table
  }

  // MARK: the figure

  /// Original, observed, and what each solver made of it.
  private func column(
    _ planted: PlantedProblem, _ reconstructions: [[Float]], observed: [Int]
  ) throws -> [Raster?] {
    let generator = planted.problem.generator
    let original = try generator.picture(of: planted.signal)
    return [original, original.hiding(allBut: observed)]
      + (try reconstructions.map { try generator.picture(of: $0) })
  }

  private func figure(
    _ columns: [[Raster?]], _ solvers: [String], latentErrors: [Double]
  ) -> Figure {
    let rowNames = ["original", "observed"] + solvers
    let grid = PictureGrid(
      columnNames: Mask.allCases.map(\.rawValue), rowNames: rowNames,
      pictures: rowNames.indices.map { row in columns.map { $0[row] } },
      captions: rowNames.indices.map { row in
        columns.indices.map { column in
          row < 2 ? nil : "error \(latentErrors[column * solvers.count + row - 2].short(2))"
        }
      })
    return Figure(
      name: "pictures", title: "Pictures of fashion-conv completed from half of their pixels",
      panels: [grid], columns: 1, panelHeight: 590)
  }

  private func closing(
    _ results: [(mask: Mask, solver: String, trials: [Trial])], _ network: String
  ) -> String {
    let names = results.prefix(2).map(\.solver)
    let found = names.map { name in
      let trials = results.filter { $0.solver == name }.flatMap(\.trials)
      let share = Share(trials.map { $0.latentError <= latentErrorMax })
      let range = results.filter { $0.solver == name }.map { result in
        Share(result.trials.map { $0.latentError <= latentErrorMax }).value
      }
      return "\(name) \(share.value.fixed(2)) of \(share.trials) (by mask from "
        + "\((range.min() ?? 0).fixed(2)) to \((range.max() ?? 0).fixed(2)))"
    }.joined(separator: ", ")
    let wrong = Share(
      results.flatMap(\.trials).filter { $0.verdict == .recovered }
        .map { $0.latentError > latentErrorMax })
    let adam = Share(
      results.filter { $0.solver == names[0] }.flatMap(\.trials)
        .map { $0.latentError <= latentErrorMax })
    return """
      This redraws \(Self.source): from top to bottom the original, what is seen of it, and its \
      completion. In the paper every example is recovered perfectly by Adam at rate 0.1 within \
      about 500 iterations. Latents found here (relative error up to \(latentErrorMax.short())): \
      \(found). \(adam.interval.upperBound < 0.99 ? "One start of Adam does not find every latent, "
        + "so the paper's columns are examples rather than the rule" : "Adam finds them as in the "
        + "paper"). Of \(wrong.trials) latents with the verdict "recovered", \(wrong.successes) \
      were another latent than the planted one. Differences: the generator is \(network), trained \
      on Fashion-MNIST with the layers of section 4.3 and 10 latents, where the paper has MNIST \
      and CelebA; the paper does not give the rate of its random mask, which is a half here.
      """
  }
}
