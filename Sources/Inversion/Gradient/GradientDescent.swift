import Documents
import LinearAlgebra

/// Gradient descent with momentum and a falling rate on the least-squares loss.
///
///     v <- momentum v - rate / (1 + decay t) g      z <- z + v
///
/// Without a rate of the client's the step is the reciprocal of the curvature where the row starts.
/// A row's estimate is the best latent it passed through, not the last.
public struct GradientDescent: IterativeSolver {
  public static let type = "gradient_descent"

  static let rateParameter = OptionalParameter<Double>(
    "rate", in: 1e-12...1e6, "length of a step; left out: one over the curvature at the start")
  static let momentumParameter = Parameter<Double>(
    "momentum", default: 0.9, in: 0...0.9999, "share of the step before that is kept")
  static let decayParameter = Parameter<Double>(
    "decay", default: 0, in: 0...1, "the rate after t iterations is rate / (1 + decay t)")
  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 2000, in: 1...1_000_000, "iterations of all restarts together")

  public var iterationsMax: Int
  public var rate: Double?
  public var momentum: Double
  public var decay: Double

  public init(
    iterationsMax: Int = 2000, rate: Double? = nil, momentum: Double = 0.9, decay: Double = 0
  ) {
    self.iterationsMax = iterationsMax
    self.rate = rate
    self.momentum = momentum
    self.decay = decay
  }

  public struct State: SolverState {
    public var rows: SolverRows
    package var latents: Batch
    var gradients: Batch
    var velocities: Batch
    /// One a row.
    var rates: [Double]
    /// One a row: rows may have joined later.
    var iterations: [Int]
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let (losses, gradients) = objective.gradients(at: latents)
    let rates =
      rate.map { [Double](repeating: $0, count: latents.count) }
      ?? objective.safeRates(at: latents).map { $0 * (1 - momentum) }
    return State(
      rows: SolverRows(
        latents: latents, losses: losses,
        forwardEquivalents: (rate == nil ? 18 : 2) * Double(latents.count)),
      latents: latents, gradients: gradients,
      velocities: Batch(zeros: latents.count, width: latents.width), rates: rates,
      iterations: [Int](repeating: 0, count: latents.count))
  }

  public func step(_ state: inout State, _ objective: LeastSquares) {
    let width = state.latents.width
    for row in state.rows.active {
      let fall = 1 / (1 + decay * Double(state.iterations[row]))
      state.iterations[row] += 1
      let rate = Float(state.rates[row] * fall)
      for entry in row * width..<(row + 1) * width {
        state.velocities.values[entry] =
          Float(momentum) * state.velocities.values[entry] - rate * state.gradients.values[entry]
        state.latents.values[entry] += state.velocities.values[entry]
      }
    }
    let (losses, gradients) = objective.gradients(at: state.latents)
    state.gradients = gradients
    state.rows.forwardEquivalents += 2 * Double(state.latents.count)
    state.rows.note(state.latents, losses: losses, gradients: gradients)
  }
}

extension GradientDescent {
  public func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    State(
      rows: rows, latents: try reader.readBatch(like: rows.latents),
      gradients: try reader.readBatch(like: rows.latents),
      velocities: try reader.readBatch(like: rows.latents),
      rates: try reader.readArray(of: rows.latents.count),
      iterations: try reader.readArray(of: rows.latents.count))
  }
}

extension GradientDescent.State {
  public func write(to writer: inout CheckpointWriter) {
    writer.write(latents)
    writer.write(gradients)
    writer.write(velocities)
    writer.write(rates)
    writer.write(iterations)
  }
}
