import LinearAlgebra

/// The upper triangle of a symmetric matrix, row after row, entries off the diagonal times
/// `sqrt(2)`: an isometry, `|svec(M)| = |M|_F`, so that least squares on it is least squares on the
/// matrix, and symmetric Gaussian noise has one variance in every entry.
enum SymmetricTriangle {
  static let weight = Float(2).squareRoot()

  /// Entries for a matrix of that size.
  static func count(_ size: Int) -> Int { size * (size + 1) / 2 }

  /// Of the symmetric part of a row-major matrix.
  static func values(ofMatrix matrix: [Float], size: Int) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count(size))
    for row in 0..<size {
      values.append(matrix[row * size + row])
      for column in row + 1..<max(size, row + 1) {
        let sum = matrix[row * size + column] + matrix[column * size + row]
        values.append(sum * 0.5 * weight)
      }
    }
    return values
  }
}

/// `f(x) = svec(x x^T)`: what a spiked matrix shows of its spike.
struct SymmetricSquare: DifferentiableMap {
  /// Entries of `x`.
  let inputCount: Int
  var outputCount: Int { SymmetricTriangle.count(inputCount) }

  func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: outputCount) { result in
      x.values.withUnsafeBufferPointer { x in
        var place = 0
        for start in stride(from: 0, to: x.count, by: inputCount) {
          for row in 0..<inputCount {
            let factor = x[start &+ row] * SymmetricTriangle.weight
            result[place] = x[start &+ row] * x[start &+ row]
            for column in row &+ 1..<max(inputCount, row &+ 1) {
              result[place &+ column &- row] = factor * x[start &+ column]
            }
            place &+= inputCount &- row
          }
        }
      }
    }
  }

  func linearize(at x: Batch) -> Linearization {
    Linearization(value: evaluate(x), jacobian: SymmetricSquareDerivative(point: x))
  }
}

/// `d -> svec(x d^T + d x^T)`
private struct SymmetricSquareDerivative: LinearMap {
  /// `x`, one row a sample.
  let point: Batch

  var inputCount: Int { point.width }
  var outputCount: Int { SymmetricTriangle.count(point.width) }
  var sampleCount: Int { point.count }

  func apply(_ d: Batch) -> Batch {
    let size = inputCount
    let vectorsPerSample = max(1, d.count / max(point.count, 1))
    return Batch(count: d.count, width: outputCount) { result in
      d.values.withUnsafeBufferPointer { d in
        point.values.withUnsafeBufferPointer { x in
          var place = 0
          for vector in 0..<d.count / size {
            let start = vector &* size
            let sample = vector / vectorsPerSample &* size
            for row in 0..<size {
              let xFactor = x[sample &+ row] * SymmetricTriangle.weight
              let dFactor = d[start &+ row] * SymmetricTriangle.weight
              result[place] = 2 * x[sample &+ row] * d[start &+ row]
              for column in row &+ 1..<max(size, row &+ 1) {
                result[place &+ column &- row] =
                  xFactor * d[start &+ column] + dFactor * x[sample &+ column]
              }
              place &+= size &- row
            }
          }
        }
      }
    }
  }

  /// `2 S x`, with the matrix `S` that `y` is the triangle of.
  func applyAdjoint(_ y: Batch) -> Batch {
    let size = inputCount
    let vectorsPerSample = max(1, y.count / max(point.count, 1))
    var result = Batch(zeros: y.count, width: size)
    y.values.withUnsafeBufferPointer { y in
      point.values.withUnsafeBufferPointer { x in
        result.values.withUnsafeMutableBufferPointer { result in
          var place = 0
          for vector in 0..<result.count / size {
            let start = vector &* size
            let sample = vector / vectorsPerSample &* size
            for row in 0..<size {
              let factor = x[sample &+ row] * SymmetricTriangle.weight
              var sum: Float = 0
              for column in row &+ 1..<max(size, row &+ 1) {
                let entry = y[place &+ column &- row]
                sum += entry * x[sample &+ column]
                result[start &+ column] += factor * entry
              }
              result[start &+ row] +=
                2 * x[sample &+ row] * y[place] + SymmetricTriangle.weight * sum
              place &+= size &- row
            }
          }
        }
      }
    }
    return result
  }
}
