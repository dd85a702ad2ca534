import Foundation

/// Recovery with networks that narrow, from compressed, phaseless, noisy and spiked observations.
public struct CocolaMeasurements: Experiment {
  public static let name = "cocola-measurements"
  public static let summary =
    "error against k / m and noise for networks that narrow: five kinds of observation"
  public static let source = "Cocola 2022, appendix H and the problems of appendix F"
  public static let fullMinutes = 15.0

  package var trials: Int
  /// Of compressed sensing: one network a depth, from the latent to the signal.
  package var widths: [[Int]]
  package var rows: [Int]
  package var phaselessRows: [Int]
  /// Latent sizes for denoising, before the layers of `widths[1]`.
  package var latents: [Int]
  package var spikedWidths: [Int]
  package var samples: [Int]
  package var levels: [Double]

  public init(_ scale: ExperimentScale) {
    switch scale {
    case .quick:
      self.init(
        trials: 12, rows: [10, 20, 35, 60, 100], phaselessRows: [20, 35, 60, 100, 200],
        latents: [2, 5, 12, 24], samples: [25, 100, 400, 1600], levels: [0.03, 0.1, 0.3, 0.7])
    case .full:
      self.init(
        trials: 100, rows: [7, 10, 15, 20, 30, 45, 70, 100],
        phaselessRows: [10, 15, 20, 30, 45, 70, 100, 200], latents: [2, 4, 8, 16, 32],
        samples: [12, 25, 50, 100, 200, 400, 800, 1600],
        levels: [0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1])
    }
  }

  package init(
    trials: Int, rows: [Int], phaselessRows: [Int], latents: [Int], samples: [Int],
    levels: [Double]
  ) {
    precondition(trials > 0, "something to try")
    self.trials = trials
    widths = [[5, 200, 150], [5, 250, 200, 150], [5, 300, 250, 200, 150]]
    self.rows = rows
    self.phaselessRows = phaselessRows
    self.latents = latents
    spikedWidths = [5, 120, 80, 50]
    self.samples = samples
    self.levels = levels
  }

  /// The errors of one solver along one sweep.
  private struct Curve {
    var sweep: RecoverySweep
    var solver: String
    var medians: [Median]
    var stuck: [Share]

    /// Of the logarithms; `nil` with fewer than three points.
    var fit: LineFit? {
      let points = fitted
      return points.count < 3
        ? nil : LineFit(points.map { (x: log($0.parameter), y: log($0.error)) })
    }

    /// Where the medians are those of trials that went well, and there are as many observations as
    /// the theory asks for.
    var fitted: [(parameter: Double, error: Double)] {
      zip(sweep.cases, zip(medians, stuck)).compactMap { sweepCase, result in
        result.1.value <= CocolaMeasurements.stuckShareMax && result.0.value > 0
          && sweepCase.parameter <= CocolaMeasurements.parameterMax
          ? (sweepCase.parameter, result.0.value) : nil
      }
    }
  }

  /// Points beyond either are not fitted.
  private static let stuckShareMax = 0.25
  private static let parameterMax = 0.25

  private var sweeps: [RecoverySweep] {
    widths.map {
      .compressed(widths: $0, rows: rows, name: "compressed, depth \($0.count - 1)")
    } + [
      .phaseless(widths: widths[1], rows: phaselessRows),
      .denoising(latents: latents, layers: Array(widths[1].dropFirst())),
      .spikedWishart(widths: spikedWidths, samples: samples),
      .spikedWigner(widths: spikedWidths, levels: levels),
    ]
  }

  public func run(seed: UInt64, progress: ExperimentProgress) throws -> ExperimentReport {
    let sweeps = sweeps
    var steps = progress.steps(trials * sweeps.reduce(0) { $0 + $1.cases.count })
    var curves: [[Curve]] = []
    for sweep in sweeps {
      let results = try sweep.run(trials: trials, seed: seed, &steps)
      curves.append(
        RecoverySweep.solverNames.enumerated().map { index, solver in
          Curve(
            sweep: sweep, solver: solver,
            medians: results.map { Median($0[index].map(\.error)) },
            stuck: results.map { Share($0[index].map(\.isStuck)) })
        })
    }
    return ExperimentReport(
      tables: [slopeTable(curves), errorTable(curves)], figures: [figure(curves)],
      closing: closing(curves))
  }

  private func slopeTable(_ curves: [[Curve]]) -> ResultTable {
    var table = ResultTable(
      name: "slopes",
      title:
        "Slope of log error against log parameter, fitted to at least three medians: parameters "
        + "up to \(Self.parameterMax.short()), up to \((100 * Self.stuckShareMax).fixed(0)) % of the "
        + "trials stuck",
      columns: [
        "problem", "solver", "parameter", "expected slope", "slope", "standard error", "points",
        "trials a point",
      ].map { .init($0) })
    for curve in curves.joined() {
      table.add([
        .text(curve.sweep.name), .text(curve.solver), .text(curve.sweep.parameterName),
        .number(curve.sweep.expectedSlope), curve.fit.map { .number($0.slope) } ?? .missing,
        curve.fit.map { .number($0.standardError) } ?? .missing, .count(curve.fitted.count),
        .count(trials),
      ])
    }
    return table
  }

  private func errorTable(_ curves: [[Curve]]) -> ResultTable {
    var table = ResultTable(
      name: "errors",
      title: "Errors in the unit given; stuck: the signal is more than "
        + "\((100 * RecoverySweep.stuckError).fixed(0)) % wrong",
      columns: [
        .init("problem"), .init("solver"), .init("parameter"), .init("value"), .init("unit"),
        .init("error", .median), .init("stuck", .share),
      ])
    for curve in curves.joined() {
      for (place, sweepCase) in curve.sweep.cases.enumerated() {
        table.add([
          .text(curve.sweep.name), .text(curve.solver), .text(curve.sweep.parameterName),
          .number(sweepCase.parameter), .text(curve.sweep.unit.rawValue),
          .median(curve.medians[place]), .share(curve.stuck[place]),
        ])
      }
    }
    return table
  }

  // MARK: the figure

  private func figure(_ curves: [[Curve]]) -> Figure {
    let compressed = Array(curves.prefix(widths.count))
    let others = Array(curves.dropFirst(widths.count))
    let solverPlaces = [3, 4]
    let panels =
      (0..<2).map { solver in
        panel(
          "compressed, \(compressed[0][solver].solver)",
          compressed.enumerated().map { ($0.element[solver], SeriesStyle.series($0.offset)) },
          along: compressed.flatMap { $0 })
      }
      + others.map { curves in
        panel(
          curves[0].sweep.name, zip(curves, solverPlaces).map { ($0, SeriesStyle.series($1)) },
          along: curves)
      }
    return Figure(
      name: "errors", title: "Error of recovery with networks that narrow", panels: panels,
      columns: 2, panelHeight: 300,
      legend: widths.enumerated().map {
        LegendEntry(name: "depth \($0.element.count - 1)", style: .series($0.offset))
      }
        + zip(others[0], solverPlaces).map { LegendEntry(name: $0.solver, style: .series($1)) }
        + [LegendEntry(name: "expected slope", style: .dashed(Palette.reference))])
  }

  /// - Parameter all: every curve that the y axis has room for.
  private func panel(
    _ title: String, _ curves: [(Curve, SeriesStyle)], along all: [Curve]
  ) -> LinePlot {
    let sweep = curves[0].0.sweep
    let parameters = sweep.cases.map(\.parameter)
    let series = curves.map { curve, style in
      LinePlot.Series(
        style,
        zip(parameters, curve.medians).map { LinePlot.Point($0, $1.value, $1.interval) })
    }
    let ends = all.flatMap { curve in
      curve.medians.flatMap { [$0.value, $0.interval.lowerBound, $0.interval.upperBound] }
    }
    return LinePlot(
      axes: Axes(
        title: title, x: .logarithmic(holding: parameters), y: .logarithmic(holding: ends),
        xName: sweep.parameterName, yName: sweep.unit.rawValue),
      series: [reference(curves[curves.count - 1].0, from: parameters)] + series)
  }

  /// A line of the expected slope through the middle of the curve.
  private func reference(_ curve: Curve, from parameters: [Double]) -> LinePlot.Series {
    let fitted = curve.fitted
    let count = Double(max(fitted.count, 1))
    let x = fitted.reduce(0) { $0 + log($1.parameter) } / count
    let y = fitted.reduce(0) { $0 + log($1.error) } / count
    let ends = [parameters.min() ?? 1, parameters.max() ?? 1]
    return LinePlot.Series(
      .dashed(Palette.reference),
      fitted.isEmpty
        ? []
        : ends.map { LinePlot.Point($0, exp(y + curve.sweep.expectedSlope * (log($0) - x))) })
  }

  private func closing(_ curves: [[Curve]]) -> String {
    let slopes = curves.map { ofSweep in
      let ofSolvers = ofSweep.map { curve in
        curve.fit.map { "\($0.slope.fixed(2)) ± \($0.standardError.fixed(2))" } ?? "none"
      }
      return "\(ofSweep[0].sweep.name) \(ofSolvers.joined(separator: " and ")) "
        + "(expected \(ofSweep[0].sweep.expectedSlope.short()))"
    }.joined(separator: "; ")
    let far = curves.joined().filter { curve in
      curve.fit.map { abs($0.slope - curve.sweep.expectedSlope) > max(0.1, 3 * $0.standardError) }
        ?? false
    }
    let stuck = (0..<2).map { solver in
      curves.flatMap { $0[solver].stuck }.reduce(Share(0, of: 0), +)
    }
    let depths = curves.prefix(widths.count).map { curves in
      curves[1].medians[curves[1].medians.count - 1].value
    }
    let isMild = (depths.max() ?? 0) < 2 * (depths.min() ?? 0)
    return """
      This does again what appendix H of Cocola (2022) reports: with networks whose layers narrow, \
      signals are recovered from few noisy measurements with an error of the order of \
      sqrt(k / m) |noise|, and the dependence on depth is milder than the theorem's. Fitted slopes \
      by \(curves[0][0].solver) and by \(curves[0][1].solver), none where too many trials were \
      stuck: \(slopes). \
      \(far.isEmpty
        ? "All are as expected within three standard errors or 0.1."
        : "Further from the expected one than three standard errors and 0.1: "
          + far.map { "\($0.sweep.name) by \($0.solver)" }.joined(separator: ", ") + ".") \
      Trials that were stuck with a signal more than half wrong: \(stuck[0].value.fixed(2)) by \
      \(curves[0][0].solver), which has one start, and \(stuck[1].value.fixed(2)) by \
      \(curves[0][1].solver), of \(stuck[0].trials) each; the theorem promises success with high \
      probability once layers are wide and measurements many enough. With the most measurements \
      the errors of \(curves[0][1].solver) at depths \
      \(widths.map { String($0.count - 1) }.joined(separator: ", ")) are \
      \(depths.map { $0.short() }.joined(separator: ", ")) of the noise: the theorem's high powers \
      of the depth are \(isMild ? "not seen" : "perhaps seen").

      Differences: the main paper does not give the sizes of the appendix, so these are this \
      program's own: latents of \(widths[0][0]), layers up to \
      \(widths[widths.count - 1][1]) wide, noise \((100 * RecoverySweep.noiseShare).fixed(0)) % of \
      the signal. Medians take the place of means, since a trial that is stuck would outweigh the \
      others, and the weights have variance 2 / n_i (remark 2), which takes the powers of 2 away. Steps \
      are one over the curvature at the start, for spiked matrices 1 / (16 |M|). The \
      phaseless, denoising and spiked problems have theorems in appendix F; here the Wishart sweep \
      varies the number N of samples, the Wigner sweep the noise.
      """
  }
}
