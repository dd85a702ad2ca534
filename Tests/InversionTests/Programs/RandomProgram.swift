import Inversion
import LinearAlgebra

/// A linear program that was made around a point and prices known to be optimal.
///
/// The bounds are laid so that complementary slackness holds at the planted pair: a row or column
/// with a price sits on the bound that the price pays for, one without may sit anywhere inside.
/// Every number is a multiple of 1/64, so that products and sums are exact: more tight bounds than
/// columns would otherwise contradict each other by a rounding, which exact arithmetic notices.
struct RandomProgram {
  let program: LinearProgram
  /// c'x at the planted point.
  let optimum: Double

  init(seed: UInt64, rowCount: Int, columnCount: Int) {
    var source = RandomNumbers(seed: seed)
    func sixtyFourths(_ range: ClosedRange<Int>) -> Double {
      Double(Int.random(in: range, using: &source)) / 64
    }
    func value() -> Double { sixtyFourths(-64...64) }
    let matrix = (0..<rowCount * columnCount).map { _ in value() }
    let x = (0..<columnCount).map { _ in value() }
    let rowValues = (0..<rowCount).map { i in
      (0..<columnCount).reduce(0) { $0 + matrix[i * columnCount + $1] * x[$1] }
    }
    func planted(at value: Double) -> (bounds: LinearProgram.Bounds, price: Double) {
      let slack = sixtyFourths(6...64)
      let price = sixtyFourths(0...64)
      switch Int.random(in: 0..<5, using: &source) {
      case 0: return (.atLeast(value), price)
      case 1: return (.atMost(value), -price)
      case 2: return (.equal(to: value), price - 0.5)
      case 3: return (LinearProgram.Bounds(lower: value, upper: value + slack), price)
      default: return (LinearProgram.Bounds(lower: value - slack, upper: value + slack), 0)
      }
    }
    let rows = rowValues.map(planted)
    let columns = x.map(planted)
    // Stationarity: c = A'y + d.
    let objective = (0..<columnCount).map { j in
      (0..<rowCount).reduce(columns[j].price) { $0 + matrix[$1 * columnCount + j] * rows[$1].price }
    }
    program = LinearProgram(
      objective: objective, matrix: matrix, rowBounds: rows.map(\.bounds),
      columnBounds: columns.map(\.bounds))
    optimum = program.objectiveValue(at: x)
  }
}
