import LinearAlgebra

/// The known rows of a layer as a least squares problem, each row in units of its own error.
struct KnownRows: Sendable {
  /// `D^-1 W_S`, and `D^-1` times the values.
  let matrix: DenseMatrix
  let values: [Double]
  /// What the errors leave of `|W x - v| / |v|` at the truth.
  let resolution: Double

  /// - Precondition: the layer's matrix is written down.
  init?(_ task: LayerTask, _ rows: LayerRows? = nil) {
    guard let whole = task.weights.matrix else { return nil }
    let rows = rows ?? task.rows
    let known = rows.known
    let relative = rows.relativeWeights
    let weights = known.map { relative[$0] }
    matrix = whole.selecting(rows: known).scaled(rows: weights)
    values = zip(known, weights).map { rows.values[$0] * $1 }
    let unit = known.reduce(Double.infinity) { min($0, rows.deviations[$1]) }
    let scale = values.squareSum
    resolution = scale > 0 ? unit * (Double(known.count) / scale).squareRoot() : 0
  }

  private init(matrix: DenseMatrix, values: [Double], resolution: Double) {
    (self.matrix, self.values, self.resolution) = (matrix, values, resolution)
  }

  /// With the other inputs left at zero.
  func selecting(columns: [Int]) -> KnownRows {
    KnownRows(
      matrix: matrix.selecting(columns: columns), values: values, resolution: resolution)
  }

  /// The weighted least squares solution: by Cholesky's factor with one refinement, by a QR
  /// decomposition with pivots where that has lost digits; of several solutions the shortest.
  func leastSquares() -> DenseMatrix.LeastSquaresSolution {
    guard matrix.rowCount >= matrix.columnCount, matrix.columnCount > 0,
      let factor = matrix.gram().cholesky(), factor.diagonalRatio > 1e-3
    else { return matrix.leastSquares(values) }
    var x = factor.solve(matrix.applyAdjoint(values))
    let left = zip(values, matrix.apply(x)).map { $0 - $1 }
    let step = factor.solve(matrix.applyAdjoint(left))
    for entry in x.indices { x[entry] += step[entry] }
    return DenseMatrix.LeastSquaresSolution(x: x, rank: matrix.columnCount)
  }
}

extension [Double] {
  var squareSum: Double { reduce(0) { $0 + $1 * $1 } }
}
