import LinearAlgebra

extension SolverRows {
  /// Takes in where first-order iterates stand: each row keeps the best latent that it passed
  /// through, and ends where there is nothing to follow.
  mutating func note(_ latents: Batch, losses: [Double], gradients: Batch) {
    for row in active {
      if losses[row] < self.losses[row] {
        self.losses[row] = losses[row]
        self.latents.setRow(row, to: latents[row])
      }
      if !losses[row].isFinite || !gradients[row].allSatisfy(\.isFinite) {
        terminations[row] = .nonFinite
      } else if gradients[row].allSatisfy({ $0 == 0 }) {
        terminations[row] = losses[row] == 0 ? .converged : .stalled
      }
    }
  }
}

extension LeastSquares {
  /// The largest eigenvalue of `J^T J`, and the ridge, at each row, from below, by the power method: the curvature
  /// that a step of gradient descent must be short against. Costs `2 * rounds` forward equivalents.
  package func curvatures(at z: Batch, rounds: Int = 8) -> [Double] {
    let linearization = residual.linearize(at: z)
    let jacobian = linearization.jacobian
    var directions = Batch(
      count: z.count, width: z.width, values: [Float](repeating: 1, count: z.values.count))
    var curvatures = [Double](repeating: 0, count: z.count)
    for _ in 0..<rounds {
      let turned = jacobian.applyAdjoint(jacobian.apply(directions))
      for row in 0..<z.count {
        let length = sumOfSquares(turned[row]).squareRoot()
        curvatures[row] = length / sumOfSquares(directions[row]).squareRoot() + ridge
        guard length > 0, length.isFinite else { continue }
        directions.setRow(row, to: turned[row].map { Float(Double($0) / length) })
      }
    }
    return curvatures
  }

  /// The longest steps with which gradient descent is sure to fall near each row; 1 where nothing
  /// is known.
  func safeRates(at z: Batch) -> [Double] {
    curvatures(at: z).map { $0 > 0 && $0.isFinite ? 1 / $0 : 1 }
  }
}
