extension [Float] {
  /// A row-major matrix with rows for columns.
  public func transposed(rows: Int, columns: Int) -> [Float] {
    precondition(count == rows * columns, "the matrix fits its extents")
    // In squares, both sides of which stay in the cache.
    let side = 32
    return [Float](unsafeUninitializedCapacity: count) { result, filled in
      withUnsafeBufferPointer { matrix in
        for firstRow in stride(from: 0, to: rows, by: side) {
          for firstColumn in stride(from: 0, to: columns, by: side) {
            for column in firstColumn..<Swift.min(firstColumn + side, columns) {
              for row in firstRow..<Swift.min(firstRow + side, rows) {
                result[column &* rows &+ row] = matrix[row &* columns &+ column]
              }
            }
          }
        }
      }
      filled = count
    }
  }
}
