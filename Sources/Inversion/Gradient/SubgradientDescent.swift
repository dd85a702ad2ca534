import Documents
import LinearAlgebra

/// Subgradient descent with the sign flip (Cocola 2022, algorithm 1; Huang et al. 2018): before each
/// step a latent gives way to its mirror image where that fits better.
///
///     z <- -z when f(-z) < f(z)      z <- z - rate g
///
/// A network with random weights and no biases has a spurious critical point near a negative
/// multiple of the true latent; the flip leaves it.
public struct SubgradientDescent: IterativeSolver {
  public static let type = "subgradient_descent"

  static let rateParameter = OptionalParameter<Double>(
    "rate", in: 1e-12...1e6, "length of a step; left out: one over the curvature at the start")
  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 2000, in: 1...1_000_000, "iterations of all restarts together")

  public var iterationsMax: Int
  public var rate: Double?

  public init(iterationsMax: Int = 2000, rate: Double? = nil) {
    self.iterationsMax = iterationsMax
    self.rate = rate
  }

  public struct State: SolverState {
    public var rows: SolverRows
    package var latents: Batch
    var losses: [Double]
    /// One a row.
    var rates: [Double]
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let losses = objective.losses(at: latents)
    return State(
      rows: SolverRows(
        latents: latents, losses: losses,
        forwardEquivalents: (rate == nil ? 17 : 1) * Double(latents.count)),
      latents: latents, losses: losses,
      rates: rate.map { [Double](repeating: $0, count: latents.count) }
        ?? objective.safeRates(at: latents))
  }

  public func step(_ state: inout State, _ objective: LeastSquares) {
    let mirrored = -state.latents
    let mirroredLosses = objective.losses(at: mirrored)
    for row in state.rows.active where mirroredLosses[row] < state.losses[row] {
      state.latents.setRow(row, to: mirrored[row])
    }
    let (losses, gradients) = objective.gradients(at: state.latents)
    state.rows.note(state.latents, losses: losses, gradients: gradients)
    let width = state.latents.width
    for row in state.rows.active {
      let rate = Float(state.rates[row])
      for entry in row * width..<(row + 1) * width {
        state.latents.values[entry] -= rate * gradients.values[entry]
      }
    }
    state.losses = objective.losses(at: state.latents)
    for row in state.rows.active where state.losses[row] < state.rows.losses[row] {
      state.rows.losses[row] = state.losses[row]
      state.rows.latents.setRow(row, to: state.latents[row])
    }
    state.rows.forwardEquivalents += 4 * Double(state.latents.count)
  }
}

extension SubgradientDescent {
  public func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    State(
      rows: rows, latents: try reader.readBatch(like: rows.latents),
      losses: try reader.readArray(of: rows.latents.count),
      rates: try reader.readArray(of: rows.latents.count))
  }
}

extension SubgradientDescent.State {
  public func write(to writer: inout CheckpointWriter) {
    writer.write(latents)
    writer.write(losses)
    writer.write(rates)
  }
}
