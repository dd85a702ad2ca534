import LinearAlgebra

/// What a solver has found, before it is looked at for what it is worth.
public struct Search: Sendable {
  let restarts: Restarts
  /// The catalogue's name of the method that found it.
  let solver: String
  /// What was chosen and why, where the choice was the product's.
  let choice: String?
  /// The layer-wise solutions that were computed on the way.
  var layerwise: [LayerwiseCandidates.Candidate] = []

  /// Finishes the latent that was found, and certifies it.
  public func solution() -> Solution {
    var solution = restarts.solution(by: solver, choice: choice)
    let nearest = layerwise.min {
      squaredDistance($0.latent, solution.latent) < squaredDistance($1.latent, solution.latent)
    }
    solution.layerwise = nearest.map { restarts.layerwiseCertificate($0, at: solution.latent) }
    return solution
  }
}

private func squaredDistance(_ a: [Float], _ b: [Float]) -> Double {
  sumOfSquares(zip(a, b).map { $0 - $1 })
}
