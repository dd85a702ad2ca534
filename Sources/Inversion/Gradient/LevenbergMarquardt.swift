import Documents
import LinearAlgebra

/// Levenberg-Marquardt with the full Jacobian. The latent has few entries, so a second-order step
/// costs about as much as one forward pass an entry, and it ends at machine precision where
/// first-order methods stop at three digits.
///
///     (J^T J + lambda mean(diag J^T J) I) d = -J^T r        z <- z + d when f falls
///
/// The damping falls by `dampingDecrease` on success and grows by `dampingIncrease` on failure
/// (Marquardt 1963, with the mean of the diagonal in place of the diagonal, so that latents that
/// hardly matter are damped like the others).
public struct LevenbergMarquardt: IterativeSolver {
  public static let type = "levenberg_marquardt"

  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 40, in: 1...10_000, "iterations of one restart")
  static let dampingParameter = Parameter<Double>(
    "damping", default: 0.1, in: 1e-12...1e12, "first damping, as a share of the mean curvature")

  public var iterationsMax: Int
  public var damping: Double
  public var dampingDecrease = 5.0
  public var dampingIncrease = 4.0
  public var dampingMin = 1e-9
  /// A row is given up after so many rejected steps in a row.
  public var rejectionsMax = 8

  public init(iterationsMax: Int = 40, damping: Double = 0.1) {
    self.iterationsMax = iterationsMax
    self.damping = damping
  }

  public struct State: SolverState {
    public var rows: SolverRows
    var models: [NormalEquations]
    var damping: [Double]
    var rejections: [Int]
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let models = objective.normalEquations(at: latents)
    return State(
      rows: SolverRows(
        latents: latents, losses: models.map(\.loss),
        forwardEquivalents: cost(ofModels: latents.count, objective)),
      models: models, damping: [Double](repeating: damping, count: latents.count),
      rejections: [Int](repeating: 0, count: latents.count))
  }

  public func step(_ state: inout State, _ objective: LeastSquares) {
    var tried: [Int] = []
    var steps: [[Double]] = []
    for row in state.rows.active {
      let model = state.models[row]
      let curvature = model.gram.meanDiagonal
      guard curvature > 0, curvature.isFinite else {
        // No output depends on this latent here: nothing to follow.
        state.rows.terminations[row] = curvature.isFinite ? .stalled : .nonFinite
        continue
      }
      guard
        let factor = model.gram.shifted(by: (state.damping[row] + 1e-12) * curvature).cholesky()
      else {
        reject(row, &state)
        continue
      }
      tried.append(row)
      steps.append(factor.solve(model.gradient.map { -$0 }))
    }
    guard !tried.isEmpty else { return }

    var candidates = state.rows.latents.rows(tried)
    for (place, step) in steps.enumerated() {
      for entry in step.indices {
        candidates.values[place * candidates.width + entry] += Float(step[entry])
      }
    }
    let losses = objective.losses(at: candidates)
    state.rows.forwardEquivalents += Double(tried.count)

    let accepted = tried.indices.filter { losses[$0] < state.rows.losses[tried[$0]] }
    for place in tried.indices where !accepted.contains(place) {
      let row = tried[place]
      if isNegligible(steps[place], at: state.rows.latents[row]) {
        state.rows.terminations[row] = .converged
      } else {
        reject(row, &state)
      }
    }
    guard !accepted.isEmpty else { return }
    let models = objective.normalEquations(at: candidates.rows(accepted))
    state.rows.forwardEquivalents += cost(ofModels: accepted.count, objective)
    for (model, place) in zip(models, accepted) {
      let row = tried[place]
      state.rows.latents.setRow(row, to: candidates[place])
      state.rows.losses[row] = losses[place]
      state.models[row] = model
      state.damping[row] = max(state.damping[row] / dampingDecrease, dampingMin)
      state.rejections[row] = 0
      let isFitted = losses[place] < 1e-13 * objective.scale
      if isFitted || isNegligible(steps[place], at: candidates[place]) {
        state.rows.terminations[row] = .converged
      }
    }
  }

  private func reject(_ row: Int, _ state: inout State) {
    state.damping[row] = max(state.damping[row] * dampingIncrease, 1e-6)
    state.rejections[row] += 1
    guard state.rejections[row] >= rejectionsMax else { return }
    // Where rounding hides all further descent, that is convergence.
    let model = state.models[row]
    let gradientNorm = model.gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let reach = (2 * model.loss * model.gram.meanDiagonal).squareRoot()
    state.rows.terminations[row] = gradientNorm <= 1e-4 * reach ? .converged : .stalled
  }

  /// Whether a step is lost in the rounding of the latent.
  private func isNegligible(_ step: [Double], at latent: ArraySlice<Float>) -> Bool {
    let length = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length < 1e-7 * sumOfSquares(latent).squareRoot()
  }

  /// A value and one tangent a latent entry.
  private func cost(ofModels count: Int, _ objective: LeastSquares) -> Double {
    Double(count * (objective.latentCount + 1))
  }
}
