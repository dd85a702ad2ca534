import LinearAlgebra
import Testing

struct WeightedNormalEquationsTests {
  private static func tall(_ rows: Int, _ columns: Int) -> (matrix: DenseMatrix, weights: [Double])
  {
    var random = RandomNumbers(seed: UInt64(rows))
    let matrix = DenseMatrix(
      rowCount: rows, columnCount: columns,
      values: (0..<rows * columns).map { _ in random.normal() })
    // Some rows weigh nothing.
    return (matrix, (0..<rows).map { $0 % 5 == 0 ? 0 : random.uniform() })
  }

  /// More rows than a block holds, too.
  @Test(arguments: [(7, 3), (700, 40), (5000, 60)])
  func productsAreThoseOfTheMatrix(rows: Int, columns: Int) {
    let (matrix, weights) = Self.tall(rows, columns)
    let expected = matrix.gram(weights: weights)
    // Of each product's own rounding, times the root of the rows.
    for (precision, tolerance) in [
      (WeightedNormalEquations.Precision.double, 1e-11), (.single, 2e-3),
    ] {
      let equations = WeightedNormalEquations(size: columns, rowCount: rows)
      equations.setGram(of: matrix, weights: weights, border: nil, precision: precision)
      for row in 0..<columns {
        for column in row..<columns {
          #expect(abs(equations[row, column] - expected[row, column]) < tolerance)
        }
      }
    }
  }

  @Test(arguments: [WeightedNormalEquations.Precision.double, .single])
  func bordersStandBesideTheProduct(precision: WeightedNormalEquations.Precision) {
    let (matrix, weights) = Self.tall(90, 5)
    let border = weights.map { $0 * 0.5 }
    let equations = WeightedNormalEquations(size: 6, rowCount: 90)
    equations.setGram(of: matrix, weights: weights, border: border, precision: precision)
    let expected = matrix.applyAdjoint(border)
    for row in 0..<5 { #expect(abs(equations[row, 5] - expected[row]) < 1e-4) }
  }

  @Test func solvesWhatItFactored() {
    let (matrix, weights) = Self.tall(300, 30)
    let equations = WeightedNormalEquations(size: 30, rowCount: 300)
    equations.setGram(of: matrix, weights: weights, border: nil)
    equations.add(SymmetricMatrix(zeros: 30).shifted(by: 2), scale: 0.5)
    #expect(equations.factorize())
    let right = (0..<30).map(Double.init)
    var solution = [Double](repeating: 0, count: 30)
    equations.solve(right, into: &solution)
    let product = matrix.gram(weights: weights).shifted(by: 1)
    for row in 0..<30 {
      let sum = (0..<30).reduce(0) { $0 + product[row, $1] * solution[$1] }
      // The condition is about ten.
      #expect(abs(sum - right[row]) < 1e-11)
    }
  }

  /// Singular matrices are made regular; matrices that are not numbers are refused.
  @Test func factorsWhatIsSingular() {
    let column = DenseMatrix(rowCount: 4, columnCount: 2, values: [1, 1, 2, 2, 3, 3, 4, 4])
    let equations = WeightedNormalEquations(size: 2, rowCount: 4)
    equations.setGram(of: column, weights: [1, 1, 1, 1], border: nil)
    #expect(equations.factorize())
    var solution = [0.0, 0]
    equations.solve([30, 30], into: &solution)
    #expect(abs(solution[0] + solution[1] - 1) < 1e-6)
    equations[0, 0] = .nan
    #expect(!equations.factorize())
  }
}
