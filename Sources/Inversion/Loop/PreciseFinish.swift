import LinearAlgebra
import Measurements

extension InverseProblem {
  /// `A G(z) - y` in double precision; `nil` where a part has no such evaluation, or where solvers
  /// compare something else.
  func preciseResidual(at latent: [Double]) -> [Double]? {
    guard !hasSurrogate, let prediction = forward.evaluatePrecisely(latent) else { return nil }
    return zip(prediction, observation).map { $0 - Double($1) }
  }

  /// Gauss-Newton steps whose residual is taken in double precision, from a latent that fits to the
  /// rounding of single precision. The derivative stays in single precision: it is off by about a
  /// millionth, and so is what each step leaves of the error.
  ///
  /// - Returns: the latent itself where nothing is gained.
  func preciselyFinished(_ latent: [Float]) -> [Float] {
    var best = latent.map(Double.init)
    guard noise.isNoiseless, var residual = preciseResidual(at: best) else { return latent }
    let columns = forward.linearize(at: Batch(row: latent)).jacobian.columns(for: 1)
    let gram = columns.values.withUnsafeBufferPointer { values in
      values.baseAddress.map {
        SymmetricMatrix(preciseGramOf: MatrixView($0, rows: columns.count, columns: columns.width))
      }
    }
    guard let factor = gram?.cholesky() else { return latent }
    var square = residual.reduce(0) { $0 + $1 * $1 }
    for _ in 0..<4 {
      let gradient = (0..<latentCount).map { entry in
        zip(columns[entry], residual).reduce(0) { $0 + Double($1.0) * $1.1 }
      }
      let next = zip(best, factor.solve(gradient)).map { $0 - $1 }
      guard let left = preciseResidual(at: next) else { break }
      let leftSquare = left.reduce(0) { $0 + $1 * $1 }
      guard leftSquare < square else { break }
      (best, residual, square) = (next, left, leftSquare)
    }
    return best.map { Float($0) }
  }
}
