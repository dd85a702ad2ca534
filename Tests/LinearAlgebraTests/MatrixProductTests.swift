import LinearAlgebra
import Testing

/// Products against sums written out in double precision, extents of 0 and 1 included.
struct MatrixProductTests {
  static let extents = [0, 1, 2, 3, 5, 8, 17, 33]

  @Test(arguments: extents)
  func productsAreSumsOfProducts(rows: Int) {
    var random = RandomNumbers(seed: 100, stream: UInt64(rows))
    for columns in Self.extents {
      for inner in Self.extents {
        for (transposeA, transposeB) in [
          (Transposition.none, Transposition.none), (.none, .transposed), (.transposed, .none),
          (.transposed, .transposed),
        ] {
          let a = random.normal(count: rows, width: inner).values
          let b = random.normal(count: inner, width: columns).values
          for (scale, keep) in [(Float(1), Float(0)), (-0.5, 2)] {
            let before = random.normal(count: rows, width: columns).values
            // What a product does not keep must not matter, whatever it is.
            var result = keep == 0 ? [Float](repeating: .nan, count: rows * columns) : before
            product(
              transposeA == .none ? a : transposed(a, rows: rows, columns: inner),
              transposeA == .none ? (rows, inner) : (inner, rows), transposeA,
              transposeB == .none ? b : transposed(b, rows: inner, columns: columns),
              transposeB == .none ? (inner, columns) : (columns, inner), transposeB,
              &result, scale, keep)
            for row in 0..<rows {
              for column in 0..<columns {
                let sum = (0..<inner).reduce(0.0) {
                  $0 + Double(a[row * inner + $1]) * Double(b[$1 * columns + column])
                }
                let kept = keep == 0 ? 0 : Double(keep) * Double(before[row * columns + column])
                let error = abs(Double(result[row * columns + column]) - Double(scale) * sum - kept)
                #expect(
                  error <= 1e-5 * (1 + Double(inner)),
                  "\(rows) x \(inner) x \(columns), \(transposeA) \(transposeB)")
              }
            }
          }
        }
      }
    }
  }

  @Test(arguments: extents)
  func gramsAreProductsWithTheTransposed(rows: Int) {
    var random = RandomNumbers(seed: 101, stream: UInt64(rows))
    for columns in Self.extents {
      let a = random.normal(count: rows, width: columns).values
      for transposition in [Transposition.none, .transposed] {
        let size = transposition == .none ? rows : columns
        let inner = transposition == .none ? columns : rows
        var result = [Float](repeating: .nan, count: size * size)
        withView(a, rows, columns) { view in
          result.withUnsafeMutableBufferPointer { result in
            guard let base = result.baseAddress else { return }
            gram(view, transposition, into: base)
          }
        }
        for i in 0..<size {
          for j in 0..<size {
            let sum = (0..<inner).reduce(0.0) { sum, k in
              transposition == .none
                ? sum + Double(a[i * columns + k]) * Double(a[j * columns + k])
                : sum + Double(a[k * columns + i]) * Double(a[k * columns + j])
            }
            #expect(abs(Double(result[i * size + j]) - sum) <= 1e-5 * (1 + Double(inner)))
          }
        }
        #expect(
          (0..<size).allSatisfy { i in
            (0..<size).allSatisfy { result[i * size + $0] == result[$0 * size + i] }
          }, "both triangles agree to the bit")
      }
    }
  }

  @Test func sumsOfSquaresAreInDoublePrecision() {
    var random = RandomNumbers(seed: 102)
    for count in [0, 1, 7, 64, 1000, 100_003] {
      let values = (0..<count).map { _ in Float(random.normal()) }
      let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
      #expect(abs(sumOfSquares(values) - expected) <= 1e-12 * expected, "\(count) values")
      #expect(abs(sumOfSquares(values[...]) - expected) <= 1e-12 * expected)
    }
    // Squares beyond the range of a Float.
    #expect(abs(sumOfSquares([3e30, 4e30] as [Float]) / 25e60 - 1) < 1e-6)
    #expect(sumOfSquares([1, .nan] as [Float]).isNaN)
    #expect(sumOfSquares([1, .infinity] as [Float]) == .infinity)
  }

  @Test func dotIsTheSumOfProducts() {
    let a: [Float] = [1, 2, 3, -4]
    let b: [Float] = [5, 6, 7, 8]
    #expect(dot(a, b, count: 4) == 6)
    #expect(dot(a, b, count: 0) == 0)
  }

  /// Thin matrices, which are cut into several products, with gaps between all rows.
  @Test(arguments: [(20, 784, 500), (500, 20, 300), (64, 64, 900), (2, 3000, 700), (33, 70, 513)])
  func thinProductsAreProducts(rows: Int, columns: Int, inner: Int) {
    var random = RandomNumbers(seed: 101)
    let gap = 3
    let a = random.normal(count: rows, width: inner + gap).values
    let b = random.normal(count: inner, width: columns + gap).values
    let before = random.normal(count: rows, width: columns + gap).values
    var result = before
    withView(a, rows, inner, stride: inner + gap) { a in
      withView(b, inner, columns, stride: columns + gap) { b in
        result.withUnsafeMutableBufferPointer {
          multiply(a, .none, b, into: $0.baseAddress!, stride: columns + gap, scale: -0.5, keep: 2)
        }
      }
    }
    for row in 0..<rows {
      for column in 0..<columns + gap {
        let place = row * (columns + gap) + column
        guard column < columns else {
          #expect(result[place] == before[place], "what lies between the rows is left alone")
          continue
        }
        let sum = (0..<inner).reduce(0.0) {
          $0 + Double(a[row * (inner + gap) + $1]) * Double(b[$1 * (columns + gap) + column])
        }
        let expected = 2 * Double(before[place]) - 0.5 * sum
        // A sum of `inner` products of size 1, rounded at each addition at worst.
        #expect(abs(Double(result[place]) - expected) <= 1e-7 * Double(inner) + 1e-6)
      }
    }
  }

  @Test(arguments: [(0, 3), (1, 1), (1, 70), (33, 64), (40, 31)])
  func transposingTwiceChangesNothing(rows: Int, columns: Int) {
    var random = RandomNumbers(seed: 102)
    let matrix = random.normal(count: rows, width: columns).values
    let turned = matrix.transposed(rows: rows, columns: columns)
    #expect(turned == transposed(matrix, rows: rows, columns: columns))
    #expect(turned.transposed(rows: columns, columns: rows) == matrix)
  }

  private func product(
    _ a: [Float], _ shapeA: (rows: Int, columns: Int), _ transposeA: Transposition, _ b: [Float],
    _ shapeB: (rows: Int, columns: Int), _ transposeB: Transposition, _ c: inout [Float],
    _ scale: Float, _ keep: Float
  ) {
    withView(a, shapeA.rows, shapeA.columns) { a in
      withView(b, shapeB.rows, shapeB.columns) { b in
        c.withUnsafeMutableBufferPointer { c in
          guard let base = c.baseAddress else { return }
          multiply(a, transposeA, b, transposeB, into: base, scale: scale, keep: keep)
        }
      }
    }
  }

  private func withView(
    _ values: [Float], _ rows: Int, _ columns: Int, stride: Int? = nil,
    _ body: (MatrixView) -> Void
  ) {
    // Room behind the end gives empty matrices an address too.
    (values + [0]).withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return }
      body(MatrixView(base, rows: rows, columns: columns, stride: stride))
    }
  }

  private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }
  }
}
