import Documents
import LinearAlgebra
import Measurements
import Networks

/// Projected gradient descent with inversion as the projection (Shah and Hegde 2018; Lei et al. 2019
/// recover masked pictures this way), for linear measurements:
///
///     x <- P(x - step A^T (A x - y))      P(x) = G(argmin_z |G(z) - x|)
///
/// The inner inversion is any solver that works on latents, which begins at the latent of the
/// iterate before. With a step of at most `1 / |A|^2` the inner objective lies above the outer one
/// and touches it there, so that an inner solver which improves its first start improves the fit,
/// whether it projects exactly or not. A latent prior is carried along by the inner objective. Steps
/// are by least squares whatever the noise, which only judges where they lead.
struct ProjectedGradient: DescentPlan {
  static let type = "projected_gradient"

  static let defaultProjection: JSONValue = ["type": "levenberg_marquardt", "restarts_max": 1]
  static let stepParameter = OptionalParameter<Double>(
    "step", in: 1e-12...1e12, "length of a step on the signal; left out: 1 / |A|^2")
  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 300, in: 1...100_000, "projections of one start")
  static let toleranceParameter = Parameter<Double>(
    "tolerance", default: 1e-7, in: 0...1,
    "share of the signal's length that a step has to move it by to go on")

  var projection: any InversionSolver
  /// `nil` for `1 / |A|^2`.
  var step: Double?
  var iterationsMax: Int
  var tolerance: Double

  var solver: String { Self.type }

  func stages(for problem: InverseProblem, _ context: SolveContext) -> [DescentStage] {
    guard let map = problem.measurement as? any LinearMap else {
      preconditionFailure("projected_gradient is for linear measurements")
    }
    return [
      DescentStage(
        method: ProjectionSteps(
          problem: problem, map: map, context: context, projection: projection,
          step: step ?? problem.measurement.squaredRowNorm.map { 1 / $0 }, tolerance: tolerance,
          iterationsMax: iterationsMax))
    ]
  }

  func refusal(of measurement: any Measurement) -> String? {
    measurement.isLinear ? nil : "\(Self.type) is for linear measurements"
  }

  /// Whole signals are projected, whatever is measured of them.
  func refusal(of generator: Generator, through measurement: any Measurement) -> String? {
    projection.refusal(
      of: generator, through: IdentityMeasurement(count: generator.outputCount))
  }

  var readsLayers: Bool { projection.readsLayers }
}

extension LinearMap {
  /// `|A|^2` from below, by the power method: two products a round.
  fileprivate func estimatedSquaredNorm(rounds: Int) -> Double {
    var random = RandomNumbers(seed: 0, stream: 0x6e6f_726d)
    var direction = random.normal(count: 1, width: inputCount)
    var square = 0.0
    for _ in 0..<rounds {
      let length = sumOfSquares(direction.values).squareRoot()
      guard length > 0, length.isFinite else { break }
      let unit = Batch(row: direction.values.map { Float(Double($0) / length) })
      direction = applyAdjoint(apply(unit))
      square = sumOfSquares(direction.values).squareRoot()
    }
    return square
  }
}

/// The iteration of `ProjectedGradient` on one problem. Rows are projected one after the other.
private struct ProjectionSteps: IterativeSolver {
  static let type = ProjectedGradient.type

  var problem: InverseProblem
  /// `A`
  var map: any LinearMap
  var context: SolveContext
  var projection: any InversionSolver
  /// `nil` where it has to be found.
  var step: Double?
  var tolerance: Double
  var iterationsMax: Int

  private static let normRounds = 40

  struct State: SolverState {
    var rows: SolverRows
    var step: Double
    var latents: Batch
    /// `G` of the latents.
    var signals: Batch
    var iteration = 0
    /// Whether no inner search was cut short.
    var isWhole = true
  }

  func start(_ objective: LeastSquares, at latents: Batch) -> State {
    var rows = SolverRows(
      latents: latents, losses: objective.losses(at: latents),
      forwardEquivalents: 2 * Double(latents.count))
    let signals = problem.generator.evaluate(latents)
    if let step { return State(rows: rows, step: step, latents: latents, signals: signals) }
    let square = map.estimatedSquaredNorm(rounds: Self.normRounds)
    rows.forwardEquivalents += Double(Self.normRounds) * productsWork
    return State(
      rows: rows, step: square > 0 ? 1 / square : 1, latents: latents, signals: signals)
  }

  /// Of a product by `A` and one by `A^T`, in forward equivalents.
  private var productsWork: Double {
    2 * Double(map.multiplyCount) / Double(max(1, problem.forward.multiplyCount))
  }

  func step(_ state: inout State, _ objective: LeastSquares) {
    state.iteration += 1
    for row in state.rows.active { project(row, &state, objective) }
  }

  private func project(_ row: Int, _ state: inout State, _ objective: LeastSquares) {
    let signal = Batch(row: Array(state.signals[row]))
    let target = descended(signal, step: state.step)
    state.rows.forwardEquivalents += productsWork
    guard target.allSatisfy(\.isFinite) else {
      state.rows.terminations[row] = .nonFinite
      return
    }
    let search = projection.search(
      inner(target, step: state.step),
      innerContext(iteration: state.iteration, at: Array(state.latents[row])))
    state.rows.forwardEquivalents += search.restarts.forwardEquivalents + 2
    // An inner search that was cut short says nothing of where the iteration leads.
    let isCutShort = context.control.interruption() != nil
    if isCutShort { state.isWhole = false }
    guard let found = search.restarts.answer else {
      if !isCutShort { state.rows.terminations[row] = .nonFinite }
      return
    }
    let latent = Batch(row: found.latent)
    let projected = problem.generator.evaluate(latent)
    let loss = objective.losses(at: latent)[0]
    state.latents.setRow(row, to: latent.values)
    state.signals.setRow(row, to: projected.values)
    if loss < state.rows.losses[row] {
      state.rows.losses[row] = loss
      state.rows.latents.setRow(row, to: latent.values)
    }
    guard !isCutShort else { return }
    let moved = sumOfSquares(zip(projected.values, signal.values).map { $0 - $1 }).squareRoot()
    if moved <= tolerance * sumOfSquares(signal.values).squareRoot() {
      state.rows.terminations[row] = found.termination == .stalled ? .stalled : .converged
    }
  }

  /// `x - step A^T (A x - y)`
  private func descended(_ signal: Batch, step: Double) -> [Float] {
    let residual = zip(map.apply(signal).values, problem.observation).map { $0 - $1 }
    let gradient = map.applyAdjoint(Batch(row: residual))
    return zip(signal.values, gradient.values).map { Float(Double($0) - step * Double($1)) }
  }

  /// The signal nearest to `target`. With a prior, the step scales what it is weighed against.
  private func inner(_ target: [Float], step: Double) -> InverseProblem {
    let unit = problem.prior == .none ? nil : problem.noise.unit.map { $0 * step.squareRoot() }
    return InverseProblem(
      generator: problem.generator, measurement: IdentityMeasurement(count: target.count),
      observation: target, noise: GaussianNoise(sigma: unit),
      prior: unit == nil ? .none : problem.prior)
  }

  private func innerContext(iteration: Int, at latent: [Float]) -> SolveContext {
    var inner = context
    inner.seed = context.seed &+ UInt64(iteration)
    inner.starts = [latent]
    inner.control.report = { _ in }
    // A checkpoint holds whole projections.
    inner.control.recorder = nil
    return inner
  }
}

extension ProjectionSteps {
  func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    let state = State(
      rows: rows, step: try reader.read(), latents: try reader.readBatch(like: rows.latents),
      signals: try reader.read(), iteration: try reader.read())
    guard state.signals.count == rows.latents.count,
      state.signals.width == problem.generator.outputCount
    else { throw .malformed("signals of \(state.signals.width) numbers") }
    return state
  }
}

extension ProjectionSteps.State {
  func write(to writer: inout CheckpointWriter) {
    writer.write(step)
    writer.write(latents)
    writer.write(signals)
    writer.write(iteration)
  }
}
