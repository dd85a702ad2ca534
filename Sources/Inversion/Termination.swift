/// Why a solver stopped. Disappointing mathematics ends here, not in an error.
public enum Termination: String, Sendable, CaseIterable {
  /// The fit is as good as the data allow, or no step of noticeable length improves it.
  case converged
  case iterationLimit = "iteration_limit"
  case timeLimit = "time_limit"
  /// No step improves the fit, although the derivative says that one should.
  case stalled
  /// The numbers left the range of the arithmetic.
  case nonFinite = "non_finite"
  case cancelled
  /// No latent gives what the layers, one by one, were taken to give.
  case infeasible
}
