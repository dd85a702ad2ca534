import LinearAlgebra

extension LayerProgram {
  /// The smallest sum of errors (Lei et al. 2019, Algorithm 2):
  ///
  ///     minimise   sum over active rows |W_j x - v_j| / r_j  +  sum over others (W_j x - v_j)_+ / r_j
  ///
  /// An absolute value is twice a hinge, less what is inside: `|e| = 2 e_+ - e`.
  package static func absolute(_ equations: LayerEquations) -> HingeProgram {
    let sizes = equations.sizes
    let count = equations.rowCount
    let rows = ProgramRows(
      matrix: equations.matrix, upper: Array(0..<count), floors: equations.floors)
    let limits = equations.values + Array(repeating: 0, count: rows.floors.count)
    let known = (0..<count).map { equations.isActive[$0] ? 1 / equations.rowScales[$0] : 0 }
    let penalties = (0..<count).map {
      (equations.isActive[$0] ? 2 : 1) / equations.rowScales[$0]
    }

    let point = equations.startingPoint(ridge: 1e-8, lift: 1e-3 * sizes.point)
    let ends = rows.apply(point)
    let excesses = limits.indices.map { ends[$0] - limits[$0] }
    let mean = excesses.prefix(count).reduce(0) { $0 + abs($1) } / Double(max(count, 1))
    let margin = mean + 1e-3 * sizes.value
    return HingeProgram(
      objective: equations.matrix.applyAdjoint(known).map { -$0 },
      constant: zip(known, equations.values).reduce(0) { $0 + $1.0 * $1.1 }, rows: rows,
      limits: limits,
      penalties: penalties + Array(repeating: .infinity, count: rows.floors.count),
      start: HingeProgram.Start(
        point: point,
        slacks: excesses.enumerated().map { row, excess in
          max(-excess, 0) + (row < count ? margin : margin / sizes.value * sizes.point)
        },
        duals: penalties.enumerated().map { (equations.isActive[$0] ? 0.5 : 0.3) * $1 }
          + Array(repeating: sizes.value / sizes.point, count: rows.floors.count),
        excesses: excesses.map { max($0, 0) + margin }),
      units: HingeProgram.Units(row: sizes.value, column: sizes.point, objective: sizes.value))
  }
}
