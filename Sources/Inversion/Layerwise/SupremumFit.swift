#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The largest error of a row made as small as it can be (Lei et al. 2019, algorithm 1). A unit
/// counts as on above the tolerance; a tolerance below what the optimum needs grows by a factor.
///
/// The published algorithm bounds the error by the tolerance within the program, and grows it until
/// the program is feasible; here the program has no such bound, and its optimum is compared with the
/// tolerance afterwards, which saves the programs that are not. The tolerance starts anew at each
/// layer, from the errors of what the layer gave.
struct SupremumFit: LayerMethod {
  static let type = "linf_lp"
  var engine = LayerEngine()
  var growth = 1.2
  var needsMatrix: Bool { true }
  private static let programsMax = 60

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    var factor = 1.0
    var iterations = 0
    while true {
      let rows = task.rows(widenedBy: factor)
      let tolerance = LayerRows.activeDeviations * rows.typicalDeviation
      let solution = try engine.solve(
        try task.equations(rows), task.control, LayerProgram.supremum)
      iterations += solution.iterationCount
      let error = solution.point.last ?? 0
      let isEnough = error <= tolerance * (1 + 1e-6) || rows.known.isEmpty
      if isEnough || factor > pow(growth, Double(Self.programsMax)) {
        return task.crossedOver(
          Array(solution.point.dropLast()), rows,
          .init(solution, engine: engine, iterations: iterations, tolerance: tolerance))
      }
      factor *= growth
    }
  }
}
