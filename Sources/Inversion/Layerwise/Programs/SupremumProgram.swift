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
    let rows = ProgramRows(
      matrix: equations.matrix, margins: equations.rowScales,
      upper: Array(0..<equations.rowCount), lower: active,
      floors: [width] + equations.floors)
    var limits = equations.values
    limits.append(contentsOf: active.map { -equations.values[$0] })
    limits.append(contentsOf: repeatElement(0, count: rows.floors.count))

    let size = equations.valueUnit
    let pointUnit = equations.pointUnit
    var point = equations.leastSquares(rows: active, ridge: 1e-8)
    if equations.isNonnegative {
      for column in point.indices {
        point[column] = max(point[column], 0) + 1e-3 * pointUnit
      }
    }
    var error = 0.0
    let image = equations.matrix.apply(point)
    for row in image.indices {
      let excess = (image[row] - equations.values[row]) / equations.rowScales[row]
      error = max(error, equations.isActive[row] ? abs(excess) : excess)
    }
    point.append(1.2 * error + 1e-2 * size)
    let floorUnits =
      Array(repeating: size, count: 1)
      + Array(repeating: pointUnit, count: rows.floors.count - 1)
    let units = Array(repeating: size, count: rows.boundsStart) + floorUnits
    let start = HingeProgram.Start(
      point: point,
      slacks: zip(zip(limits, rows.apply(point)), units).map { max($0.0 - $0.1, 1e-3 * $1) },
      duals: units.map { size / $0 / Double(rows.count) },
      excesses: [Double](repeating: 0, count: rows.count))
    return HingeProgram(
      objective: [Double](repeating: 0, count: width) + [1], rows: rows, limits: limits,
      penalties: [Double](repeating: .infinity, count: rows.count), start: start,
      units: HingeProgram.Units(row: size, objective: size))
  }
}
