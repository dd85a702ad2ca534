import LinearAlgebra

/// A latent that one restart ended at.
struct Candidate: Sendable {
  var latent: [Float]
  /// Of the exact objective.
  var loss: Double
  var termination: Termination

  var latentNorm: Double { sumOfSquares(latent).squareRoot() }

  /// `|z - other| / |z|`
  func relativeDistance(to other: Candidate) -> Double {
    let distance = sumOfSquares(zip(latent, other.latent).map { $0 - $1 }).squareRoot()
    return distance == 0 ? 0 : distance / max(latentNorm, .leastNormalMagnitude)
  }
}
