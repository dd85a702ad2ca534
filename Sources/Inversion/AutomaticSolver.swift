import LinearAlgebra
import Networks

/// Chooses the plan by what it costs on the network at hand, and says so.
struct AutomaticSolver: InversionSolver {
  var restartsMax: Int
  var secondsMax: Double?
  /// Layer-wise solutions that are starts, too; `nil` for those that are worth their while.
  var layerwise: [LayerwiseWave]?

  /// Multiplications after which no more starts are tried, once there were a few.
  private static let multiplicationsMax = 100_000_000_000
  private static let restartsMin = 8

  /// Full Jacobians from the first step up to that many multiplications each.
  private static let jacobianMultiplicationsMax = 1_000_000_000

  /// Latent entries from which products by the Jacobian can be fewer than its columns.
  private static let longLatentMin = 300

  /// Whether conjugate gradients finish sooner than full Jacobians, or these are too large to hold.
  /// Weights that are used once, as those of perceptrons, are read as fast for hundreds of tangents
  /// as for one, so that a full Jacobian is the quicker of the two.
  private static func isLong(_ problem: InverseProblem) -> Bool {
    guard problem.latentCount >= longLatentMin else { return false }
    return problem.forward.multiplyCount >= 2 * problem.generator.parameterCount
      || problem.latentCount * problem.observedCount > LeastSquares.jacobianEntriesMax
  }

  private static func finish(isLong: Bool) -> FirstThenSecondOrder {
    isLong
      ? FirstThenSecondOrder(second: TruncatedGaussNewton(iterationsMax: 20, damping: 1e-4))
      : FirstThenSecondOrder()
  }

  var waves: RestartWaves {
    RestartWaves(
      rowsMax: min(restartsMax, 64), isSecondOrder: true, fitsEncoder: true,
      multiplicationsTogetherMax: Double(Self.jacobianMultiplicationsMax))
  }

  func search(_ problem: InverseProblem, _ context: SolveContext) -> Search {
    let jacobian = problem.latentCount * problem.forward.multiplyCount
    let isDear = jacobian > Self.jacobianMultiplicationsMax
    let isLong = isDear && Self.isLong(problem)
    let plan: any DescentPlan = isDear ? Self.finish(isLong: isLong) : SecondOrder()
    let size = "\(problem.latentCount) tangents of \(problem.forward.multiplyCount) multiplications"
    let second = isLong ? TruncatedGaussNewton.type : LevenbergMarquardt.type
    let choice =
      isDear
      ? "lbfgs, then \(second): a full Jacobian, \(size), costs as much as many gradients"
      : "levenberg_marquardt: a full Jacobian, \(size), is cheap"
    let waves = layerwise ?? (isDear ? [] : Self.layerwise(problem))
    return RestartedSolver(
      plan: plan, starts: .encoder,
      budget: RestartBudget(
        restartsMax: restartsMax, multiplicationsMax: Self.multiplicationsMax,
        restartsMin: Self.restartsMin, secondsMax: secondsMax),
      largestWave: isDear ? 1 : 64, layerwise: waves,
      choice: ([choice] + waves.map(\.summary)).joined(separator: "; ")
    ).search(problem, context)
  }

  /// Programs of all layers, where they cost no more than a few dozen starts.
  private static func layerwise(_ problem: InverseProblem) -> [LayerwiseWave] {
    guard LayerwiseCandidates.canTakeApart(problem),
      LayerwiseCandidates.multiplyCount(problem) <= multiplicationsMax / 10
    else { return [] }
    return LayerwiseWave.following(.programs)
  }
}
