import Measurements

/// How a start is carried to its end: one method, or several one after the other.
protocol DescentPlan: Sendable {
  /// The catalogue's name of what ends it.
  var solver: String { get }

  func stages(for problem: InverseProblem) -> [DescentStage]
}

/// One method's part of a plan.
struct DescentStage: Sendable {
  var method: any IterativeSolver
  /// Compares before the last activation; such a stage exists only where that is possible.
  var isLifted = false
  /// Comes near on that one of the easier objectives that the noise names.
  var approach: Int?
  /// Goes on although the observation is explained: the fit is not at its best.
  var isPolish = false
  /// Holds the latents near the prior's: the penalty at its typical length, as a share of the
  /// observation's energy.
  var ridge = 0.0
  var takes = Selection.all

  /// Which starts of a wave a stage works on.
  enum Selection: Sendable, Equatable {
    case all
    /// The one with the smallest loss.
    case best
    /// Those whose loss is at most that share of the observation's, or near what the noise leaves.
    case promising(Double)
  }

  /// Whether its losses are not those of the problem's objective.
  var comparesOtherwise: Bool { isLifted || approach != nil || ridge > 0 }

  /// The stages of a plan, adapted to the noise: led by its first method on what is easier, and
  /// ended by one that takes curvature from the steps where Gauss-Newton's is far off.
  static func adapted(to problem: InverseProblem, _ stages: [DescentStage]) -> [DescentStage] {
    guard let first = stages.first, let last = stages.last else { return stages }
    let led = problem.approaches.indices.map { DescentStage(method: first.method, approach: $0) }
    guard problem.noise.isFarFromSquares, last.method is LevenbergMarquardt else {
      return led + stages
    }
    let end = DescentStage(method: LBFGS(iterationsMax: 1000, memory: 20), isPolish: true)
    return led + stages + [end]
  }

  /// What the stage makes small; `nil` where that does not exist.
  func objective(_ problem: InverseProblem) -> LeastSquares? {
    var objective =
      isLifted ? problem.lifted : approach.map { problem.approaches[$0] } ?? problem.objective
    objective?.ridge = ridge * problem.objective.scale / Double(max(problem.latentCount, 1))
    return objective
  }

  /// Indices of those of `losses` that the stage works on.
  func chosen(_ losses: [Double], _ problem: InverseProblem) -> [Int] {
    let best = losses.indices.min { losses[$0] < losses[$1] }
    switch takes {
    case .all: return Array(losses.indices)
    case .best: return best.map { [$0] } ?? []
    case .promising(let share):
      // Noise of unknown size may be all that is left.
      guard let target = problem.typicalLoss else { return best.map { [$0] } ?? [] }
      let most = max(share * problem.objective.scale, 4 * target)
      return losses.indices.filter { losses[$0] <= most }
    }
  }
}

/// One method on the objective itself, from the first iteration to the last.
struct SingleMethod<Method: IterativeSolver>: DescentPlan {
  var method: Method
  var solver: String { Method.type }

  func stages(for problem: InverseProblem) -> [DescentStage] { [DescentStage(method: method)] }
}

/// Levenberg-Marquardt before the last activation where that is possible. Where nothing fits, the
/// compared objectives differ: the wave's best is finished on the one that counts.
struct SecondOrder: DescentPlan {
  var method = LevenbergMarquardt()
  var solver: String { LevenbergMarquardt.type }

  func stages(for problem: InverseProblem) -> [DescentStage] {
    guard problem.lifted != nil else { return [DescentStage(method: method)] }
    return [
      DescentStage(method: method, isLifted: true), DescentStage(method: method, takes: .best),
    ]
  }
}

/// L-BFGS as far as it is cheap, then Levenberg-Marquardt from what is near: for generators whose
/// full Jacobian costs as much as many gradients. A start that is on its way by then is given more
/// time, which finds more than other starts do.
struct FirstThenSecondOrder: DescentPlan {
  var first = LBFGS(iterationsMax: 250, memory: 20)
  var more = LBFGS(iterationsMax: 750, memory: 40)
  var second = LevenbergMarquardt(iterationsMax: 10, damping: 1e-4)
  var solver: String { "lbfgs+levenberg_marquardt" }

  /// Of the observation's energy: what a start is near with, and what it is on its way with.
  private static let near = 4e-4
  private static let onItsWay = 0.02

  func stages(for problem: InverseProblem) -> [DescentStage] {
    [
      DescentStage(method: first),
      DescentStage(method: second, takes: .promising(Self.near)),
      DescentStage(method: more, takes: .promising(Self.onItsWay)),
      DescentStage(method: second, takes: .promising(Self.near)),
    ]
  }
}
