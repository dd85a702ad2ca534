import Inversion
import LinearAlgebra
import Testing

/// Rows that share a matrix do what the same rows, written out, would.
struct ProgramRowsTests {
  /// Every second program has no margins.
  private static func rows(_ seed: UInt64) -> (rows: ProgramRows, written: DenseMatrix) {
    var random = RandomNumbers(seed: seed)
    let (rowCount, columnCount) = (9, 4)
    let matrix = DenseMatrix(
      rowCount: rowCount, columnCount: columnCount,
      values: (0..<rowCount * columnCount).map { _ in random.normal() })
    let margins = seed % 2 == 0 ? (0..<rowCount).map { _ in random.uniform() } : nil
    let width = columnCount + (margins == nil ? 0 : 1)
    let rows = ProgramRows(
      matrix: matrix, margins: margins, upper: [0, 2, 3, 5, 8], lower: [1, 2, 8],
      floors: [width - 1, 0], ceilings: [1])
    var values: [Double] = []
    for (places, sign) in [(rows.upper, 1.0), (rows.lower, -1.0)] {
      for row in places {
        values += (0..<columnCount).map { sign * matrix[row, $0] }
        if let margins { values.append(-margins[row]) }
      }
    }
    for (places, sign) in [(rows.floors, -1.0), (rows.ceilings, 1.0)] {
      for place in places { values += (0..<width).map { $0 == place ? sign : 0 } }
    }
    return (rows, DenseMatrix(rowCount: rows.count, columnCount: width, values: values))
  }

  @Test(arguments: 0..<6 as Range<UInt64>) func productsAreThoseOfTheRowsWrittenOut(seed: UInt64) {
    let (rows, written) = Self.rows(seed)
    var random = RandomNumbers(seed: seed, stream: 1)
    let point = (0..<rows.columnCount).map { _ in random.normal() }
    let prices = (0..<rows.count).map { _ in random.uniform() }
    // Sums of five products of numbers of the size of one.
    for (shared, plain) in [
      (rows.apply(point), written.apply(point)),
      (rows.applyAdjoint(prices), written.applyAdjoint(prices)),
      (rows.gram(weights: prices).values, written.gram(weights: prices).values),
    ] {
      #expect(shared.count == plain.count)
      for (a, b) in zip(shared, plain) { #expect(abs(a - b) < 1e-13) }
    }
  }

  @Test func rowsMayBeNone() {
    let matrix = DenseMatrix(rowCount: 0, columnCount: 2, values: [])
    let rows = ProgramRows(matrix: matrix, margins: [], upper: [], floors: [2])
    #expect(rows.apply([1, 2, 3]) == [-3])
    #expect(rows.applyAdjoint([5]) == [0, 0, -5])
    #expect(rows.gram(weights: [4]).values == [0, 0, 0, 0, 0, 0, 0, 0, 4])
  }
}
