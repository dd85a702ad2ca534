import LinearAlgebra

/// Chooses the plan by what it costs on the network at hand, and says so.
struct AutomaticSolver: InversionSolver {
  var restartsMax: Int
  var secondsMax: Double?

  /// Multiplications after which no more starts are tried, once there were a few.
  private static let multiplicationsMax = 100_000_000_000
  private static let restartsMin = 8

  /// Full Jacobians from the first step up to that many multiplications each.
  private static let jacobianMultiplicationsMax = 1_000_000_000

  func search(_ problem: InverseProblem, _ context: SolveContext) -> Search {
    let jacobian = problem.latentCount * problem.forward.multiplyCount
    let isDear = jacobian > Self.jacobianMultiplicationsMax
    let plan: any DescentPlan = isDear ? FirstThenSecondOrder() : SecondOrder()
    let size = "\(problem.latentCount) tangents of \(problem.forward.multiplyCount) multiplications"
    let choice =
      isDear
      ? "lbfgs, then levenberg_marquardt: a full Jacobian, \(size), costs as much as many gradients"
      : "levenberg_marquardt: a full Jacobian, \(size), is cheap"
    return RestartedSolver(
      plan: plan, starts: .encoder,
      budget: RestartBudget(
        restartsMax: restartsMax, multiplicationsMax: Self.multiplicationsMax,
        restartsMin: Self.restartsMin, secondsMax: secondsMax),
      largestWave: isDear ? 1 : 64, choice: choice
    ).search(problem, context)
  }
}
