import COpenBLAS

/// An orthonormal basis of the space that a matrix's rows span, and of its complement, where the
/// matrix is zero.
package struct RowSpace {
  package let rank: Int
  /// `columnCount` x `rank`
  package let basis: DenseMatrix
  /// `columnCount` x (`columnCount - rank`)
  package let complement: DenseMatrix

  /// By a QR decomposition with pivots.
  ///
  /// - Parameter tolerance: the share of the longest row at which what is left of one is taken for
  ///   rounding.
  package init(of matrix: DenseMatrix, tolerance: Double) {
    let (height, width) = (matrix.columnCount, matrix.rowCount)
    let reflectorCount = min(height, width)
    // Row-major rows are column-major columns: the decomposition is of the transpose.
    var factor = matrix.values + Array(repeating: 0, count: max(0, height - width) * height)
    var rank = 0
    if reflectorCount > 0 {
      OpenBLAS.prepare()
      var (rows, columns, reflectors, info) = (
        Int32(height), Int32(width), Int32(reflectorCount), Int32(0)
      )
      var pivots = [Int32](repeating: 0, count: width)
      var scales = [Double](repeating: 0, count: reflectorCount)
      var workCount = Int32(2 * width + 64 * (max(width, height) + 1))
      var work = [Double](repeating: 0, count: Int(workCount))
      dgeqp3_(&rows, &columns, &factor, &rows, &pivots, &scales, &work, &workCount, &info)
      let longest = abs(factor[0])
      while rank < reflectorCount, longest > 0,
        abs(factor[rank * height + rank]) > tolerance * longest
      {
        rank += 1
      }
      dorgqr_(&rows, &rows, &reflectors, &factor, &rows, &scales, &work, &workCount, &info)
    } else {
      factor = [Double](repeating: 0, count: height * height)
      for place in 0..<height { factor[place * height + place] = 1 }
    }
    self.rank = rank
    func columns(_ range: Range<Int>) -> DenseMatrix {
      var values: [Double] = []
      values.reserveCapacity(range.count * height)
      for row in 0..<height {
        for column in range { values.append(factor[column * height + row]) }
      }
      return DenseMatrix(rowCount: height, columnCount: range.count, values: values)
    }
    basis = columns(0..<rank)
    complement = columns(rank..<height)
  }
}
