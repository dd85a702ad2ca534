import LinearAlgebra

extension LayerProgram {
  /// The relaxation without lower bounds (Lei et al. 2019, equation 8):
  ///
  ///     minimise   - sum_j signal_j W_j x   over rows whose signal is at least 2 slack
  ///     subject to   W_j x <= max(0, signal_j + slack r_j) - b_j
  ///
  /// The bias `b` is `signal - values`. Where no signal is worth anything, and nothing keeps zero from
  /// being an answer, the program is left without rows, and zero is its answer: any other point would
  /// be as good, and the set of them has no end.
  ///
  /// - Parameters:
  ///   - signal: the layer's output, one number a row.
  ///   - slack: by how much the signal may be wrong; not negative.
  package static func relaxed(
    _ equations: LayerEquations, signal: [Double], slack: Double
  ) -> HingeProgram {
    precondition(signal.count == equations.rowCount, "one number a row")
    precondition(slack >= 0, "a slack of \(slack)")
    let gains = signal.map { $0 >= 2 * slack ? max($0, 0) : 0 }
    let objective = equations.matrix.applyAdjoint(gains).map { -$0 }
    let bounds = signal.indices.map { row in
      let end = signal[row] + slack * equations.rowScales[row]
      // A row that is known to be negative, of a leaky ReLU, is no zero.
      return (equations.isActive[row] ? end : max(0, end)) - (signal[row] - equations.values[row])
    }
    let isWorthless = objective.allSatisfy { $0 == 0 } && bounds.allSatisfy { $0 >= 0 }
    let rows = ProgramRows(
      matrix: equations.matrix, upper: isWorthless ? [] : Array(signal.indices),
      floors: isWorthless ? [] : equations.floors)
    let limits = (isWorthless ? [] : bounds) + Array(repeating: 0, count: rows.floors.count)

    let value = sizes(of: bounds, signal)
    let column = equations.sizes.point / equations.sizes.value * value
    let cost = sizes(of: objective, []) * column
    let active = LayerEquations(
      matrix: equations.matrix, values: equations.values, isActive: gains.map { $0 > 0 },
      rowScales: equations.rowScales, isNonnegative: equations.isNonnegative)
    let point =
      isWorthless
      ? Array(repeating: 0, count: equations.columnCount)
      : active.startingPoint(ridge: 1e-8, lift: 1e-3 * column)
    let ends = rows.apply(point)
    let mean = gains.reduce(0, +) / Double(max(gains.count, 1)) + 1e-6 * value
    let rowCount = rows.boundsStart
    return HingeProgram(
      objective: objective, rows: rows, limits: limits,
      penalties: Array(repeating: .infinity, count: rows.count),
      start: HingeProgram.Start(
        point: point,
        slacks: limits.indices.map { row in
          let size = row < rowCount ? value : column
          return max(limits[row] - ends[row], 1.1e-2 * size)
        },
        duals: gains.prefix(rowCount).map { $0 + mean }
          + Array(repeating: mean * value / column, count: rows.floors.count),
        excesses: Array(repeating: 0, count: rows.count)),
      units: HingeProgram.Units(row: value, column: column, objective: cost))
  }

  private static func sizes(of first: [Double], _ second: [Double]) -> Double {
    let largest = (first + second).reduce(0) { max($0, abs($1)) }
    return largest > 0 ? largest : 1
  }
}
