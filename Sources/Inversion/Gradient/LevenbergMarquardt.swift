import Documents
import LinearAlgebra

/// Levenberg-Marquardt with the full Jacobian. The latent has few entries, so a second-order step
/// costs about as much as one forward pass an entry, and it ends at machine precision where
/// first-order methods stop at three digits.
///
///     (J^T J + lambda mean(diag J^T J) I) d = -J^T r        z <- z + d when f falls
///
/// The mean of the diagonal takes the place of Marquardt's diagonal, so that latents that hardly
/// matter are damped like the others.
public struct LevenbergMarquardt: IterativeSolver {
  public static let type = "levenberg_marquardt"

  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 40, in: 1...10_000, "iterations of one restart")
  static let dampingParameter = Parameter<Double>(
    "damping", default: 0.1, in: 1e-12...1e12, "first damping, as a share of the mean curvature")

  public var iterationsMax: Int
  public var damping: Double

  public init(iterationsMax: Int = 40, damping: Double = 0.1) {
    self.iterationsMax = iterationsMax
    self.damping = damping
  }

  public struct State: DampedState {
    public var rows: SolverRows
    var dampings: [Damping]
    var models: [NormalEquations]
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let models = objective.normalEquations(at: latents)
    return State(
      rows: SolverRows(
        latents: latents, losses: models.map(\.loss),
        forwardEquivalents: cost(ofModels: latents.count, objective)),
      dampings: [Damping](repeating: Damping(damping), count: latents.count), models: models)
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
      let shift = (state.dampings[row].factor + 1e-12) * curvature
      guard let factor = model.gram.shifted(by: shift).cholesky() else {
        state.reject(row, slope(of: model))
        continue
      }
      tried.append(row)
      steps.append(factor.solve(model.gradient.map { -$0 }))
    }
    guard !tried.isEmpty else { return }

    let candidates = state.rows.latents.rows(tried).moved(by: steps)
    let losses = objective.losses(at: candidates)
    state.rows.forwardEquivalents += Double(tried.count)

    let accepted = tried.indices.filter { place in
      let row = tried[place]
      return state.take(
        steps[place], of: row, to: candidates[place], loss: losses[place], scale: objective.scale,
        slope: slope(of: state.models[row]))
    }
    guard !accepted.isEmpty else { return }
    let models = objective.normalEquations(at: candidates.rows(accepted))
    state.rows.forwardEquivalents += cost(ofModels: accepted.count, objective)
    for (model, place) in zip(models, accepted) { state.models[tried[place]] = model }
  }

  private func slope(of model: NormalEquations) -> Slope {
    Slope(
      gradientNorm: model.gradient.reduce(0) { $0 + $1 * $1 }.squareRoot(),
      curvature: model.gram.meanDiagonal)
  }

  /// A value and one tangent a latent entry.
  private func cost(ofModels count: Int, _ objective: LeastSquares) -> Double {
    Double(count * (objective.latentCount + 1))
  }
}

extension LevenbergMarquardt {
  /// Models are written as they are: computed again, for other rows at once, they would differ in
  /// their last bits.
  public func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    let dampings: [Damping] = try reader.readArray(of: rows.latents.count)
    var models = [NormalEquations](repeating: .none, count: rows.latents.count)
    for row in rows.active {
      models[row] = try reader.read()
      guard models[row].gradient.count == rows.latents.width else {
        throw .malformed("a model of \(models[row].gradient.count) entries")
      }
    }
    return State(rows: rows, dampings: dampings, models: models)
  }
}

extension LevenbergMarquardt.State {
  public func write(to writer: inout CheckpointWriter) {
    writer.write(dampings)
    // Nobody looks at those of rows that have ended.
    for row in rows.active { writer.write(models[row]) }
  }
}
