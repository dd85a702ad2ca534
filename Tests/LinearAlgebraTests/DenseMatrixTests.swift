import LinearAlgebra
import Testing

/// Laws of the rectangular matrices in double precision.
struct DenseMatrixTests {
  private static func drawn(_ rowCount: Int, _ columnCount: Int, seed: UInt64) -> DenseMatrix {
    var random = RandomNumbers(seed: seed)
    return DenseMatrix(
      rowCount: rowCount, columnCount: columnCount,
      values: (0..<rowCount * columnCount).map { _ in random.normal() })
  }

  private static func inner(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test(arguments: [(1, 1), (7, 3), (3, 7), (90, 40), (0, 4), (4, 0)])
  func productsAreAdjoint(_ rowCount: Int, _ columnCount: Int) {
    let matrix = Self.drawn(rowCount, columnCount, seed: 1)
    var random = RandomNumbers(seed: 2)
    let x = (0..<columnCount).map { _ in random.normal() }
    let y = (0..<rowCount).map { _ in random.normal() }
    let forward = Self.inner(matrix.apply(x), y)
    #expect(abs(forward - Self.inner(x, matrix.applyAdjoint(y))) <= 1e-12 * (1 + abs(forward)))
  }

  @Test func gramIsTheProductWithItself() {
    let matrix = Self.drawn(30, 8, seed: 3)
    let weights = (0..<30).map { 0.1 * Double($0) }
    let gram = matrix.gram(weights: weights)
    for i in 0..<8 {
      for j in 0..<8 {
        let entry = (0..<30).reduce(0) { $0 + weights[$1] * matrix[$1, i] * matrix[$1, j] }
        #expect(abs(gram[i, j] - entry) <= 1e-12 * 30)
      }
    }
    #expect(matrix.gram() == matrix.gram(weights: [Double](repeating: 1, count: 30)))
  }

  @Test func rowsAndColumnsAreSelectedInOrder() {
    let matrix = DenseMatrix(rowCount: 3, columnCount: 2, values: [1, 2, 3, 4, 5, 6])
    #expect(matrix.selecting(rows: [2, 0]).values == [5, 6, 1, 2])
    #expect(matrix.selecting(columns: [1]).values == [2, 4, 6])
    #expect(matrix.scaled(rows: [1, 0, -1]).values == [1, 2, 0, 0, -5, -6])
  }

  /// The residual of a least squares solution is orthogonal to the columns.
  @Test(arguments: [(40, 9), (9, 9), (200, 100)])
  func leastSquaresLeaveAnOrthogonalResidual(_ rowCount: Int, _ columnCount: Int) {
    let matrix = Self.drawn(rowCount, columnCount, seed: 4)
    var random = RandomNumbers(seed: 5)
    let right = (0..<rowCount).map { _ in random.normal() }
    let solution = matrix.leastSquares(right)
    #expect(solution.rank == columnCount)
    let residual = zip(matrix.apply(solution.x), right).map { $0 - $1 }
    let normal = matrix.applyAdjoint(residual)
    #expect(normal.allSatisfy { abs($0) <= 1e-9 })
  }

  @Test func dependentColumnsAreCountedAndShared() {
    // The third column is the sum of the first two.
    let matrix = DenseMatrix(
      rowCount: 4, columnCount: 3, values: [1, 0, 1, 0, 1, 1, 1, 1, 2, 2, 1, 3])
    let solution = matrix.leastSquares([1, 1, 2, 3])
    #expect(solution.rank == 2)
    // (1, 1, 0) solves it; the shortest solution is its part across (1, 1, -1).
    let expected = [1.0 / 3, 1.0 / 3, 2.0 / 3]
    for (entry, value) in zip(solution.x, expected) { #expect(abs(entry - value) <= 1e-12) }
  }

  @Test func moreColumnsThanRowsGiveTheShortestSolution() {
    let matrix = DenseMatrix(rowCount: 1, columnCount: 2, values: [3, 4])
    let solution = matrix.leastSquares([25])
    #expect(solution.rank == 1)
    for (entry, value) in zip(solution.x, [3.0, 4]) { #expect(abs(entry - value) <= 1e-12) }
  }

  @Test func whatIsNotFiniteHasNoSolution() {
    let matrix = DenseMatrix(rowCount: 2, columnCount: 1, values: [1, .infinity])
    #expect(matrix.leastSquares([1, 1]).rank == 0)
    #expect(DenseMatrix(rowCount: 0, columnCount: 3, values: []).leastSquares([]).rank == 0)
  }
}
