import LinearAlgebra

extension LayerProgram {
  /// The smallest error `d` with which all rows can be explained (Lei et al. 2019, Algorithm 1, with
  /// `d` sought instead of bounded):
  ///
  ///     minimise d   subject to   |W_j x - v_j| <= d r_j where active,   W_j x - v_j <= d r_j else
  ///
  /// The last entry of the point is `d`.
  package static func supremum(_ equations: LayerEquations) -> HingeProgram {
    let width = equations.columnCount
    let active = equations.activeRows
    let sizes = equations.sizes
    let rows = ProgramRows(
      matrix: equations.matrix, margins: equations.rowScales,
      upper: Array(0..<equations.rowCount), lower: active, floors: [width] + equations.floors)
    let limits =
      equations.values + active.map { -equations.values[$0] }
      + Array(repeating: 0, count: rows.floors.count)

    var point = equations.startingPoint(ridge: 1e-8, lift: 1e-3 * sizes.point)
    let image = equations.matrix.apply(point)
    var error = 0.0
    for row in image.indices {
      let excess = (image[row] - equations.values[row]) / equations.rowScales[row]
      error = max(error, equations.isActive[row] ? abs(excess) : excess)
    }
    point.append(1.2 * error + 1e-2 * sizes.value)
    let rowSizes =
      Array(repeating: sizes.value, count: rows.boundsStart + 1)
      + Array(repeating: sizes.point, count: rows.floors.count - 1)
    let ends = rows.apply(point)
    return HingeProgram(
      objective: Array(repeating: 0, count: width) + [1], rows: rows, limits: limits,
      penalties: Array(repeating: .infinity, count: rows.count),
      start: HingeProgram.Start(
        point: point,
        slacks: limits.indices.map { max(limits[$0] - ends[$0], 1e-3 * rowSizes[$0]) },
        duals: rowSizes.map { sizes.value / $0 / Double(rows.count) },
        excesses: Array(repeating: 0, count: rows.count)),
      units: HingeProgram.Units(row: sizes.value, column: sizes.point, objective: sizes.value))
  }
}
