import LinearAlgebra
import Testing

struct RowSpaceTests {
  /// Of a product of matrices with `rank` columns and rows.
  private static func matrix(_ rows: Int, _ columns: Int, rank: Int) -> DenseMatrix {
    var random = RandomNumbers(seed: UInt64(rows * 100 + columns * 10 + rank))
    func normal(_ rows: Int, _ columns: Int) -> DenseMatrix {
      DenseMatrix(
        rowCount: rows, columnCount: columns,
        values: (0..<rows * columns).map { _ in random.normal() })
    }
    return normal(rows, rank).times(normal(rank, columns))
  }

  @Test(arguments: [(3, 7, 3), (7, 3, 3), (6, 6, 2), (5, 5, 5), (4, 3, 0), (0, 3, 0)])
  func basesAreOrthonormalAndComplete(rows: Int, columns: Int, rank: Int) {
    let matrix = Self.matrix(rows, columns, rank: rank)
    let space = RowSpace(of: matrix, tolerance: 1e-11)
    #expect(space.rank == rank)
    #expect(space.basis.columnCount == rank)
    #expect(space.complement.columnCount == columns - rank)
    // Where the complement leads, the matrix sees nothing.
    for value in matrix.times(space.complement).values { #expect(abs(value) < 1e-12) }
    let all = DenseMatrix(
      rowCount: columns, columnCount: columns,
      values: (0..<columns).flatMap { row in
        (0..<rank).map { space.basis[row, $0] }
          + (0..<columns - rank).map { space.complement[row, $0] }
      })
    let product = all.gram()
    for row in 0..<columns {
      for column in 0..<columns {
        #expect(abs(product[row, column] - (row == column ? 1 : 0)) < 1e-13)
      }
    }
  }

  @Test func transposesAndProducts() {
    let a = DenseMatrix(rowCount: 2, columnCount: 3, values: [1, 2, 3, 4, 5, 6])
    #expect(a.transpose.values == [1, 4, 2, 5, 3, 6])
    #expect(a.times(a.transpose).values == [14, 32, 32, 77])
  }
}
