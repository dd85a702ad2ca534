import LinearAlgebra

extension LayerTask {
  private static let productsMax = 500

  /// The least squares solution of the known rows, each in units of its own error, by conjugate
  /// gradients on the normal equations: for matrices that are not written down. Of several solutions
  /// the shortest.
  ///
  /// - Parameter support: inputs that may differ from zero; `nil` for all.
  func leastSquaresByProducts(support: [Bool]? = nil) -> [Double] {
    let scales = rows.relativeWeights
    func gradient(of left: [Double]) -> [Double] {
      let all = weights.applyAdjoint(zip(scales, left).map { $0 * $1 })
      return support.map { zip(all, $0).map { $1 ? $0 : 0 } } ?? all
    }
    var x = [Double](repeating: 0, count: columnCount)
    var left = zip(scales, rows.values).map { $0 * $1 }
    var slope = gradient(of: left)
    var direction = slope
    var square = slope.squareSum
    let first = square
    for _ in 0..<Self.productsMax where square > 1e-16 * first && control.interruption() == nil {
      let moved = zip(scales, weights.apply(direction)).map { $0 * $1 }
      let curvature = moved.squareSum
      guard curvature > 0 else { break }
      let step = square / curvature
      for entry in x.indices { x[entry] += step * direction[entry] }
      for row in left.indices { left[row] -= step * moved[row] }
      slope = gradient(of: left)
      let next = slope.squareSum
      for entry in direction.indices {
        direction[entry] = slope[entry] + next / square * direction[entry]
      }
      square = next
    }
    return x
  }
}
