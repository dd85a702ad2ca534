import LinearAlgebra

/// A latent other than the answer that explains the observation as well.
public struct AlternativeLatent: Sendable, Equatable {
  public var latent: [Float]
  /// Euclidean, from the answer.
  public var distance: Double
  /// Of the exact objective, as the answer's own.
  public var loss: Double

  init(_ candidate: Candidate, to answer: Candidate) {
    latent = candidate.latent
    distance = sumOfSquares(zip(candidate.latent, answer.latent).map { $0 - $1 }).squareRoot()
    loss = candidate.loss
  }
}
