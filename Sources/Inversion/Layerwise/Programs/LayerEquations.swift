import LinearAlgebra

/// The equations of one layer: `W x + b` is known where active, bounded above where not.
package struct LayerEquations: Sendable {
  /// `W`, rows that are seen.
  package var matrix: DenseMatrix
  /// What the rows were, minus the bias; for inactive rows what they do not exceed.
  package var values: [Double]
  /// Rows whose value is known; of others only `W x <= value` is, up to a slack.
  package var isActive: [Bool]
  /// By how much an error of a row counts: the slack of row j is `d * rowScales[j]`. 1 for ReLU, 1/c
  /// on the negative side of a leaky ReLU with the slope c.
  package var rowScales: [Double]
  /// `x >= 0`, for hidden ReLU layers.
  package var isNonnegative: Bool

  /// - Precondition: one value, activity and positive scale a row.
  package init(
    matrix: DenseMatrix, values: [Double], isActive: [Bool], rowScales: [Double],
    isNonnegative: Bool
  ) {
    let count = matrix.rowCount
    precondition(
      values.count == count && isActive.count == count && rowScales.count == count,
      "one number a row")
    precondition(rowScales.allSatisfy { $0 > 0 }, "scales are positive")
    self.matrix = matrix
    self.values = values
    self.isActive = isActive
    self.rowScales = rowScales
    self.isNonnegative = isNonnegative
  }

  package var rowCount: Int { matrix.rowCount }
  package var columnCount: Int { matrix.columnCount }
  var activeRows: [Int] { isActive.indices.filter { isActive[$0] } }

  /// The columns that are bounded by zero.
  var floors: [Int] { isNonnegative ? Array(0..<columnCount) : [] }

  /// The sizes of the values, and of an `x` that makes such values; 1 where there is nothing.
  struct Sizes {
    var value: Double
    var point: Double
  }

  var sizes: Sizes {
    func orOne(_ size: Double) -> Double { size > 0 ? size : 1 }
    let value = orOne(values.reduce(0) { max($0, abs($1)) })
    return Sizes(value: value, point: value / orOne(matrix.largestMagnitude))
  }

  /// Near the least squares solution of the active rows, and at least `lift` where `x >= 0`.
  func startingPoint(ridge: Double, lift: Double) -> [Double] {
    let point = leastSquares(rows: activeRows, ridge: ridge)
    return isNonnegative ? point.map { max($0, 0) + lift } : point
  }

  /// Near the least squares solution of `rows`: a Cholesky factor of their normal equations, with a
  /// ridge of `ridge` times their mean diagonal.
  private func leastSquares(rows: [Int], ridge: Double) -> [Double] {
    let zeros = [Double](repeating: 0, count: columnCount)
    guard !rows.isEmpty, columnCount > 0 else { return zeros }
    var weights = [Double](repeating: 0, count: rowCount)
    var known = weights
    for row in rows {
      weights[row] = 1
      known[row] = values[row]
    }
    let equations = WeightedNormalEquations(size: columnCount, rowCount: rowCount)
    equations.setGram(of: matrix, weights: weights, border: nil)
    var trace = 0.0
    for column in 0..<columnCount { trace += equations[column, column] }
    let shift = ridge * trace / Double(columnCount)
    for column in 0..<columnCount { equations[column, column] += shift }
    guard equations.factorize() else { return zeros }
    var solution = zeros
    equations.solve(matrix.applyAdjoint(known), into: &solution)
    return solution
  }
}
