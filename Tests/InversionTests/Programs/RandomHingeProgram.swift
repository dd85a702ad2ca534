import Inversion
import LinearAlgebra

/// Programs with hinges in multiples of 1/8: bands, margins, bounds, excesses forgiven and forbidden,
/// in any mixture. Some have no optimum.
struct RandomHingeProgram {
  let program: HingeProgram

  init(seed: UInt64) {
    var source = RandomNumbers(seed: seed, stream: 11)
    func eighths(_ range: ClosedRange<Int>) -> Double {
      Double(Int.random(in: range, using: &source)) / 8
    }
    func places(_ range: Range<Int>) -> [Int] {
      range.filter { _ in Bool.random(using: &source) }
    }
    let rowCount = Int.random(in: 1...14, using: &source)
    let columnCount = Int.random(in: 1...5, using: &source)
    let matrix = DenseMatrix(
      rowCount: rowCount, columnCount: columnCount,
      values: (0..<rowCount * columnCount).map { _ in eighths(-16...16) })
    let margins: [Double]? =
      seed % 3 == 0 ? (0..<rowCount).map { _ in eighths(1...16) } : nil
    let width = columnCount + (margins == nil ? 0 : 1)
    let rows = ProgramRows(
      matrix: matrix, margins: margins, upper: places(0..<rowCount), lower: places(0..<rowCount),
      floors: places(0..<width), ceilings: places(0..<width))
    let isMild = Int.random(in: 0..<3, using: &source) > 0
    program = HingeProgram(
      objective: (0..<width).map { _ in eighths(-8...16) }, rows: rows,
      limits: (0..<rows.count).map { _ in eighths(isMild ? 0...16 : -8...16) },
      penalties: (0..<rows.count).map { _ in
        Bool.random(using: &source) ? .infinity : eighths(1...32)
      })
  }
}
