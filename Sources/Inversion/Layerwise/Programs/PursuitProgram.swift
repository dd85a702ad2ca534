import LinearAlgebra

extension LayerProgram {
  /// The sparse, least squares explanation of a layer's output (Aberdam et al. 2020, Algorithms 2
  /// and 3, the convex programs that they iterate on):
  ///
  ///     minimise   |g (W_S x - v_S)|^2 / 2 + penalty 1'x + ridge |x|^2 / 2
  ///     subject to   W_j x <= v_j for the rows that are not active,   x >= 0 where it is
  ///
  /// - Parameters:
  ///   - weights: `g`, one a row, not negative; of no meaning for rows that are not active.
  ///   - penalty: not negative.
  ///   - ridge: not negative.
  package static func pursuit(
    _ equations: LayerEquations, weights: [Double], penalty: Double, ridge: Double
  ) -> HingeProgram {
    precondition(weights.count == equations.rowCount, "one weight a row")
    precondition(weights.allSatisfy { $0 >= 0 } && penalty >= 0 && ridge >= 0, "negative weights")
    let sizes = equations.sizes
    let bounded = equations.isActive.indices.filter { !equations.isActive[$0] }
    let rows = ProgramRows(
      matrix: equations.matrix.selecting(rows: bounded), upper: Array(bounded.indices),
      floors: equations.floors)
    let limits =
      bounded.map { equations.values[$0] } + Array(repeating: 0, count: rows.floors.count)

    let squares = weights.indices.map {
      equations.isActive[$0] ? weights[$0] * weights[$0] : 0
    }
    let weighted = weights.indices.map { squares[$0] * equations.values[$0] }
    let quadratic = equations.matrix.gram(weights: squares).shifted(by: ridge)
    let objective = equations.matrix.applyAdjoint(weighted).map { penalty - $0 }
    let curvature = quadratic.meanDiagonal * sizes.point * sizes.point
    let slope = objective.reduce(0) { max($0, abs($1)) } * sizes.point
    let cost = curvature > 0 ? curvature : slope > 0 ? slope : 1

    let point = equations.startingPoint(ridge: 1e-6, lift: 1e-2 * sizes.point)
    let ends = rows.apply(point)
    let rowSizes =
      Array(repeating: sizes.value, count: rows.boundsStart)
      + Array(repeating: sizes.point, count: rows.floors.count)
    let dual = 0.1 * max(1e-3 * cost, slope)
    return HingeProgram(
      quadratic: quadratic, objective: objective,
      constant: zip(weighted, equations.values).reduce(0) { $0 + $1.0 * $1.1 } / 2, rows: rows,
      limits: limits, penalties: Array(repeating: .infinity, count: rows.count),
      start: HingeProgram.Start(
        point: point,
        slacks: limits.indices.map { max(limits[$0] - ends[$0], 0.1 * rowSizes[$0]) },
        duals: rowSizes.map { dual / $0 },
        excesses: Array(repeating: 0, count: rows.count)),
      units: HingeProgram.Units(row: sizes.value, column: sizes.point, objective: cost))
  }
}
