import LinearAlgebra

/// A latent that one restart ended at.
struct Candidate: Sendable {
  let latent: [Float]
  /// Of the exact objective.
  let loss: Double
  let termination: Termination
  /// Whether it meets what the noise leaves.
  let isMet: Bool

  init(_ problem: InverseProblem, latent: [Float], loss: Double, termination: Termination) {
    self.latent = latent
    self.loss = loss
    isMet = problem.isMet(by: latent, loss: loss)
    self.termination = isMet ? .converged : termination
  }

  var latentNorm: Double { sumOfSquares(latent).squareRoot() }

  /// `|z - other| / |z|`
  func relativeDistance(to other: Candidate) -> Double {
    let distance = sumOfSquares(zip(latent, other.latent).map { $0 - $1 }).squareRoot()
    return distance == 0 ? 0 : distance / max(latentNorm, .leastNormalMagnitude)
  }
}
