import LinearAlgebra
import Testing

struct SymmetricMatrixTests {
  static let sizes = [0, 1, 2, 3, 7, 20, 64]

  private func randomPositive(_ size: Int, _ random: inout RandomNumbers) -> SymmetricMatrix {
    let a = random.normal(count: size, width: size + 4)
    return a.values.withUnsafeBufferPointer { values in
      values.baseAddress.map {
        SymmetricMatrix(preciseGramOf: MatrixView($0, rows: size, columns: size + 4))
      } ?? SymmetricMatrix(size: 0, values: [])
    }
  }

  private func product(_ matrix: SymmetricMatrix, _ x: [Double]) -> [Double] {
    (0..<matrix.size).map { row in
      (0..<matrix.size).reduce(0) { $0 + matrix[row, $1] * x[$1] }
    }
  }

  @Test(arguments: sizes)
  func choleskySolves(size: Int) throws {
    var random = RandomNumbers(seed: 200, stream: UInt64(size))
    for _ in 0..<10 {
      let matrix = randomPositive(size, &random).shifted(by: 0.1)
      let solution = (0..<size).map { _ in random.normal() }
      let factor = try #require(matrix.cholesky())
      let found = factor.solve(product(matrix, solution))
      for entry in 0..<size { #expect(abs(found[entry] - solution[entry]) < 1e-9) }
    }
  }

  /// The factor times unit vectors gives `L`, and `L L^T` the matrix.
  @Test(arguments: sizes)
  func theFactorIsARoot(size: Int) throws {
    var random = RandomNumbers(seed: 201, stream: UInt64(size))
    let matrix = randomPositive(size, &random).shifted(by: 0.1)
    let factor = try #require(matrix.cholesky())
    let columns = (0..<size).map { column in
      factor.multiply((0..<size).map { $0 == column ? 1.0 : 0.0 })
    }
    for row in 0..<size {
      for other in 0..<size {
        let entry = (0..<size).reduce(0) { $0 + columns[$1][row] * columns[$1][other] }
        #expect(abs(entry - matrix[row, other]) < 1e-10 * Double(size + 4))
      }
    }
  }

  @Test func whatIsNotPositiveHasNoFactor() {
    #expect(SymmetricMatrix(size: 2, values: [1, 2, 2, 1]).cholesky() == nil)
    #expect(SymmetricMatrix(size: 1, values: [0]).cholesky() == nil)
    #expect(SymmetricMatrix(size: 1, values: [.nan]).cholesky() == nil)
    #expect(SymmetricMatrix(size: 1, values: [.infinity]).cholesky() == nil)
    #expect(SymmetricMatrix(size: 2, values: [1, 0, 0, .nan]).eigen() == nil)
  }

  @Test(arguments: sizes)
  func eigenvectorsAreOrthonormalAndAscending(size: Int) throws {
    var random = RandomNumbers(seed: 202, stream: UInt64(size))
    let matrix = randomPositive(size, &random)
    let eigen = try #require(matrix.eigen())
    #expect(eigen.values.count == size)
    #expect(eigen.values == eigen.values.sorted())
    for first in 0..<size {
      let vector = Array(eigen.vectors[first * size..<(first + 1) * size])
      for (entry, image) in product(matrix, vector).enumerated() {
        #expect(abs(image - eigen.values[first] * vector[entry]) < 1e-9 * Double(size + 4))
      }
      for second in 0..<size {
        let inner = (0..<size).reduce(0) {
          $0 + vector[$1] * eigen.vectors[second * size + $1]
        }
        #expect(abs(inner - (first == second ? 1 : 0)) < 1e-12 * Double(size + 4))
      }
    }
  }

  @Test func bothGramsAgreeWithTheSums() {
    var random = RandomNumbers(seed: 203)
    for (rows, columns) in [(1, 1), (3, 50), (20, 784), (5, 0)] {
      let a = random.normal(count: rows, width: columns)
      let (single, precise) = (a.values + [0]).withUnsafeBufferPointer { values in
        let view = MatrixView(values.baseAddress!, rows: rows, columns: columns)
        return (SymmetricMatrix(gramOf: view), SymmetricMatrix(preciseGramOf: view))
      }
      for row in 0..<rows {
        for other in 0..<rows {
          let sum = zip(a[row], a[other]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
          #expect(abs(precise[row, other] - sum) <= 1e-12 * (1 + Double(columns)))
          #expect(abs(single[row, other] - sum) <= 2e-6 * (1 + Double(columns)))
        }
      }
    }
  }

  @Test func bilinearForm() {
    let matrix = SymmetricMatrix(size: 2, values: [1, 2, 2, 5])
    #expect(matrix.product([1, -1], [3, 4]) == 1 * (3 + 8) - 1 * (6 + 20))
    #expect(SymmetricMatrix(size: 0, values: []).product([], []) == 0)
  }

  @Test func shiftsTheDiagonalAlone() {
    let matrix = SymmetricMatrix(size: 2, values: [1, 2, 2, 5])
    #expect(matrix.meanDiagonal == 3)
    #expect(matrix.shifted(by: 0.5).values == [1.5, 2, 2, 5.5])
    #expect(SymmetricMatrix(size: 0, values: []).meanDiagonal == 0)
  }
}
