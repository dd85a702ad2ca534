import LinearAlgebra
import Measurements

extension InverseProblem {
  /// Root mean square of the errors of the observed numbers; `nil` when it is not known.
  func noiseDeviation(at latent: [Float]) -> Double? {
    noise.isKnown
      ? noise.standardDeviation(at: forward.evaluate(Batch(row: latent)).values) : nil
  }

  /// The inverse of the latent's covariance as the noise and the prior determine it: `J^T W J + P`
  /// with what each observed number says of its prediction in `W`, and the prior's precision in
  /// `P`. `nil` when the size of the noise is not known.
  ///
  /// - Parameter latent: where `J = d(A G)/dz` is taken.
  package func precision(at latent: [Float]) -> SymmetricMatrix? {
    let linearization = forward.linearize(at: Batch(row: latent))
    guard
      let information = noise.information(
        at: linearization.value.values, observation: observation)
    else { return nil }
    // A common factor keeps the products within single precision.
    let unit = (information.max() ?? 0).squareRoot()
    guard unit > 0, unit.isFinite else { return SymmetricMatrix(zeros: latentCount) }
    let weights = information.map { Float($0.squareRoot() / unit) }
    let weighed = DiagonalMap(Batch(row: weights)).apply(
      linearization.jacobian.columns(for: 1))
    let gram = weighed.values.withUnsafeBufferPointer { values in
      values.baseAddress.map {
        SymmetricMatrix(preciseGramOf: MatrixView($0, rows: weighed.count, columns: weighed.width))
      } ?? SymmetricMatrix(zeros: weighed.count)
    }
    return SymmetricMatrix(size: gram.size, values: gram.values.map { $0 * unit * unit })
      .shifted(by: prior.precision(for: generator))
  }
}
