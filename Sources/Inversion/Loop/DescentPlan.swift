import Measurements
import Networks

/// How a start is carried to its end: one method, or several one after the other.
protocol DescentPlan: Sendable {
  /// The catalogue's name of what ends it.
  var solver: String { get }

  /// - Parameter context: of the inversion, its deadline brought forward to the budget's.
  func stages(for problem: InverseProblem, _ context: SolveContext) -> [DescentStage]

  /// Why the plan cannot follow a measurement; `nil` where it can.
  func refusal(of measurement: any Measurement) -> String?

  /// Why the plan cannot follow a generator; `nil` where it can.
  func refusal(of generator: Generator, through measurement: any Measurement) -> String?

  /// Whether the plan looks at the generator's layers.
  var readsLayers: Bool { get }

  /// Whether its methods build full Jacobians.
  var isSecondOrder: Bool { get }
}

extension DescentPlan {
  func refusal(of measurement: any Measurement) -> String? { nil }
  func refusal(of generator: Generator, through measurement: any Measurement) -> String? { nil }
  var readsLayers: Bool { false }
  var isSecondOrder: Bool { true }
}

/// One method's part of a plan.
struct DescentStage: Sendable {
  var method: any IterativeSolver
  var compares = Comparison.exactly
  /// Goes on although the observation is explained: the fit is not at its best.
  var isPolish = false
  var takes = Selection.all
  /// The loss, as a share of the observation's energy, that is enough of this stage.
  var enough: Double?

  /// What is made small; a stage whose comparison the problem does not have is left out.
  enum Comparison: Sendable, Equatable {
    /// The objective itself.
    case exactly
    /// Before the last activation, with the same zeros.
    case lifted
    /// Before a last activation that saturates, with zeros near by.
    case inverted
    /// That one of the easier objectives that the noise names.
    case roughly(Int)
  }

  /// Which starts of a wave a stage works on.
  enum Selection: Sendable, Equatable {
    case all
    /// The one with the smallest loss.
    case best
    /// Those whose loss is at most that share of the observation's, or near what the noise leaves.
    case promising(Double)
  }

  /// The stages of a plan, adapted to the noise: led by its first method on what is easier, and
  /// ended by one that takes curvature from the steps where Gauss-Newton's is far off.
  static func adapted(to problem: InverseProblem, _ stages: [DescentStage]) -> [DescentStage] {
    guard let first = stages.first, let last = stages.last else { return stages }
    let led = problem.approaches.indices.map {
      DescentStage(method: first.method, compares: .roughly($0))
    }
    guard problem.noise.isFarFromSquares, last.method is LevenbergMarquardt else {
      return led + stages
    }
    let end = DescentStage(method: LBFGS(iterationsMax: 1000, memory: 20), isPolish: true)
    return led + stages + [end]
  }

  func objective(_ problem: InverseProblem) -> LeastSquares? {
    switch compares {
    case .exactly: problem.objective
    case .lifted: problem.lifted
    case .inverted: problem.inverted
    case .roughly(let place): problem.approaches[place]
    }
  }

  /// Indices of those candidates that the stage works on.
  func chosen(_ candidates: ArraySlice<Candidate>, _ problem: InverseProblem) -> [Int] {
    let best = candidates.indices.min { candidates[$0].loss < candidates[$1].loss }
    switch takes {
    case .all: return Array(candidates.indices)
    case .best: return best.map { [$0] } ?? []
    case .promising(let share):
      guard let best, let floor = problem.noiseLoss(at: candidates[best].latent) else {
        // Noise of unknown size may be all that is left.
        return best.map { [$0] } ?? []
      }
      let most = max(share * problem.objective.scale, 4 * floor)
      return candidates.indices.filter { candidates[$0].loss <= most }
    }
  }
}

/// One method on the objective itself, from the first iteration to the last.
struct SingleMethod<Method: IterativeSolver>: DescentPlan {
  var method: Method
  var solver: String { Method.type }
  var isSecondOrder: Bool { false }

  func stages(for problem: InverseProblem, _ context: SolveContext) -> [DescentStage] {
    [DescentStage(method: method)]
  }
}

/// A second-order method before the last activation where that is possible. Where nothing fits, the
/// compared objectives differ: the wave's best is finished on the one that counts.
struct SecondOrder: DescentPlan {
  var method: any IterativeSolver = LevenbergMarquardt()
  var solver: String { type(of: method).type }

  func stages(for problem: InverseProblem, _ context: SolveContext) -> [DescentStage] {
    guard problem.lifted != nil else { return [DescentStage(method: method)] }
    return [
      DescentStage(method: method, compares: .lifted), DescentStage(method: method, takes: .best),
    ]
  }
}

/// L-BFGS as far as it is cheap, then a second-order method from what is near: for generators whose
/// full Jacobian costs as much as many gradients. A start that is on its way by then is given more
/// time, which finds more than other starts do.
struct FirstThenSecondOrder: DescentPlan {
  var first = LBFGS(iterationsMax: 250, memory: 20)
  var more = LBFGS(iterationsMax: 750, memory: 40)
  var second: any IterativeSolver = LevenbergMarquardt(iterationsMax: 10, damping: 1e-4)
  var solver: String { "\(LBFGS.type)+\(type(of: second).type)" }

  /// Of the observation's energy: what a start is near with, and what it is on its way with.
  private static let near = 4e-4
  private static let onItsWay = 0.02
  /// From there a second-order step gains more than as many gradients as it costs.
  private static let enough = 1e-4

  func stages(for problem: InverseProblem, _ context: SolveContext) -> [DescentStage] {
    [
      DescentStage(
        method: first, compares: problem.inverted == nil ? .exactly : .inverted,
        enough: Self.enough),
      DescentStage(method: second, takes: .promising(Self.near)),
      DescentStage(method: more, takes: .promising(Self.onItsWay)),
      DescentStage(method: second, takes: .promising(Self.near)),
    ]
  }
}
