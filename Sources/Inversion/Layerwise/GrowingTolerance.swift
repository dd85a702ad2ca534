extension LayerTask {
  private static let programsMax = 60

  /// The solution whose outputs come nearest, of programs with a growing tolerance, up to the first
  /// that is worse.
  ///
  /// - Parameter first: the tolerance of the first, in units of what a unit that is on has to exceed.
  func bestOfGrowing(
    _ growth: Double, first: Double = 1,
    _ solve: (LayerRows) throws(LayerFailure) -> ProgramSolution,
    report: (_ solution: ProgramSolution, _ iterations: Int, _ tolerance: Double) ->
      LayerReport.ProgramReport
  ) throws(LayerFailure) -> LayerEstimate {
    var best: (fit: Double, rows: LayerRows, solution: ProgramSolution)?
    var iterations = 0
    var factor = first
    let enough = outputs.reduce(0) { $0 + abs($1) } * 16 * rounding
    for _ in 0..<Self.programsMax {
      let rows = rows(widenedBy: factor)
      let solution = try solve(rows)
      iterations += solution.iterationCount
      let fit = outputError(of: solution.point)
      if let best, fit >= best.fit { break }
      best = (fit, rows, solution)
      if fit <= enough { break }
      factor *= growth
    }
    guard let best else { throw LayerFailure(reason: "no program was solved") }
    return crossedOver(
      best.solution.point, best.rows,
      report(
        best.solution, iterations, LayerRows.activeDeviations * best.rows.typicalDeviation))
  }

  /// `sum_j |phi(W x + b)_j - y_j|`
  private func outputError(of x: [Double]) -> Double {
    zip(layer.values(at: x), outputs).reduce(0) { $0 + abs($1.0 - $1.1) }
  }
}
