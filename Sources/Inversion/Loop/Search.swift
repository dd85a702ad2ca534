/// What a solver has found, before it is looked at for what it is worth.
public struct Search: Sendable {
  let restarts: Restarts
  /// The catalogue's name of the method that found it.
  let solver: String
  /// What was chosen and why, where the choice was the product's.
  let choice: String?

  /// Finishes the latent that was found, and certifies it.
  public func solution() -> Solution { restarts.solution(by: solver, choice: choice) }
}
