/// Linear algebra in double precision, written down once more: what certificates are held against.
enum DoubleMatrix {
  /// Singular values by one-sided Jacobi rotations in double precision, largest first.
  static func singularValues(ofColumns columns: [[Double]]) -> [Double] {
    var columns = columns
    for _ in 0..<60 {
      for first in columns.indices {
        for second in columns.indices where second > first {
          let (a, b) = (columns[first], columns[second])
          let (aa, bb) = (inner(a, a), inner(b, b))
          let ab = inner(a, b)
          guard abs(ab) > 1e-15 * (aa * bb).squareRoot() else { continue }
          let ratio = (bb - aa) / (2 * ab)
          let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          let sine = cosine * tangent
          columns[first] = zip(a, b).map { cosine * $0 - sine * $1 }
          columns[second] = zip(a, b).map { sine * $0 + cosine * $1 }
        }
      }
    }
    return columns.map { inner($0, $0).squareRoot() }.sorted(by: >)
  }

  static func inner(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Singular values above a tenth of a billionth of the largest.
  static func rank(ofRows rows: [[Double]]) -> Int {
    let values = singularValues(
      ofColumns: (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column] } })
    return values.count { $0 > 1e-10 * values[0] }
  }

  /// The `x` that makes `|A x - b|` small, by normal equations and elimination with pivots.
  ///
  /// - Parameter rows: of `A`, of full column rank.
  static func leastSquares(_ rows: [[Double]], _ right: [Double]) -> [Double] {
    let size = rows[0].count
    let gram = (0..<size).map { i in
      (0..<size).map { j in rows.reduce(0) { $0 + $1[i] * $1[j] } }
    }
    return solve(gram, (0..<size).map { i in zip(rows, right).reduce(0) { $0 + $1.0[i] * $1.1 } })
  }

  static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    var (matrix, right) = (matrix, right)
    for column in right.indices {
      let pivot = (column..<right.count).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) }
      matrix.swapAt(column, pivot ?? column)
      right.swapAt(column, pivot ?? column)
      for row in column + 1..<max(right.count, column + 1) {
        let factor = matrix[row][column] / matrix[column][column]
        for entry in column..<right.count { matrix[row][entry] -= factor * matrix[column][entry] }
        right[row] -= factor * right[column]
      }
    }
    for row in right.indices.reversed() {
      for entry in row + 1..<max(right.count, row + 1) {
        right[row] -= matrix[row][entry] * right[entry]
      }
      right[row] /= matrix[row][row]
    }
    return right
  }
}
