import COpenBLAS

extension DenseMatrix {
  /// `A B`
  package func times(_ other: DenseMatrix) -> DenseMatrix {
    precondition(columnCount == other.rowCount, "the matrices fit each other")
    OpenBLAS.prepare()
    var product = [Double](repeating: 0, count: rowCount * other.columnCount)
    if rowCount > 0, columnCount > 0, other.columnCount > 0 {
      cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(rowCount), Int32(other.columnCount),
        Int32(columnCount), 1, values, Int32(columnCount), other.values, Int32(other.columnCount),
        0, &product, Int32(other.columnCount))
    }
    return DenseMatrix(rowCount: rowCount, columnCount: other.columnCount, values: product)
  }

  /// `A^T`
  package var transpose: DenseMatrix {
    var transposed: [Double] = []
    transposed.reserveCapacity(values.count)
    for column in 0..<columnCount {
      for row in 0..<rowCount { transposed.append(values[row &* columnCount &+ column]) }
    }
    return DenseMatrix(rowCount: columnCount, columnCount: rowCount, values: transposed)
  }
}
