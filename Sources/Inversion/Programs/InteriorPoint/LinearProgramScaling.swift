import LinearAlgebra

/// A linear program with rows and columns brought to the size of one, by powers of two, so that no
/// digit is lost (Ruiz, "A scaling algorithm to equilibrate both rows and columns norms", 2001).
struct LinearProgramScaling {
  let matrix: DenseMatrix
  let objective: [Double]
  let rowBounds: [LinearProgram.Bounds]
  let columnBounds: [LinearProgram.Bounds]
  private let rowFactors: [Double]
  private let columnFactors: [Double]

  private static let passes = 4

  init(_ program: LinearProgram) {
    let (rowCount, columnCount) = (program.rowCount, program.columnCount)
    var rows = [Double](repeating: 1, count: rowCount)
    var columns = [Double](repeating: 1, count: columnCount)
    var values = program.matrix
    for _ in 0..<Self.passes {
      var rowSizes = [Double](repeating: 0, count: rowCount)
      var columnSizes = [Double](repeating: 0, count: columnCount)
      for row in 0..<rowCount {
        for column in 0..<columnCount {
          let size = abs(values[row &* columnCount &+ column])
          rowSizes[row] = max(rowSizes[row], size)
          columnSizes[column] = max(columnSizes[column], size)
        }
      }
      let rowSteps = rowSizes.map(Self.step)
      let columnSteps = columnSizes.map(Self.step)
      for row in 0..<rowCount {
        rows[row] *= rowSteps[row]
        for column in 0..<columnCount {
          values[row &* columnCount &+ column] *= rowSteps[row] * columnSteps[column]
        }
      }
      for column in 0..<columnCount { columns[column] *= columnSteps[column] }
    }
    matrix = DenseMatrix(rowCount: rowCount, columnCount: columnCount, values: values)
    objective = zip(program.objective, columns).map { $0 * $1 }
    rowBounds = zip(program.rowBounds, rows).map { bounds, factor in
      LinearProgram.Bounds(lower: bounds.lower * factor, upper: bounds.upper * factor)
    }
    columnBounds = zip(program.columnBounds, columns).map { bounds, factor in
      LinearProgram.Bounds(lower: bounds.lower / factor, upper: bounds.upper / factor)
    }
    rowFactors = rows
    columnFactors = columns
  }

  /// The power of two nearest to `1 / sqrt(size)`, from below.
  private static func step(_ size: Double) -> Double {
    guard size > 0 else { return 1 }
    let half = Int((-Double(size.exponent) / 2).rounded(.down))
    return Double(sign: .plus, exponent: half, significand: 1)
  }

  /// A point of the original program.
  func point(_ scaled: [Double]) -> [Double] { zip(scaled, columnFactors).map { $0 * $1 } }

  /// Row duals of the original program.
  func rowDuals(_ scaled: [Double]) -> [Double] { zip(scaled, rowFactors).map { $0 * $1 } }
}
