import Documents
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Adam (Kingma and Ba 2015, algorithm 1) on the least-squares loss, as Ma et al. (2018, section
/// 4.3) invert generators: rate 0.1, about 500 iterations.
///
///     m <- b1 m + (1 - b1) g      v <- b2 v + (1 - b2) g^2
///     z <- z - rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
///
/// A row's estimate is the best latent it passed through, not the last.
public struct Adam: IterativeSolver {
  public static let type = "adam"

  static let rateParameter = Parameter<Double>(
    "rate", default: 0.1, in: 1e-8...10, "length of a step")
  static let iterationsParameter = Parameter<Int>(
    "iterations_max", default: 500, in: 1...100_000, "iterations of all restarts together")

  public var iterationsMax: Int
  public var rate: Double
  public var firstDecay = 0.9
  public var secondDecay = 0.999
  public var epsilon = 1e-8

  public init(iterationsMax: Int = 500, rate: Double = 0.1) {
    self.iterationsMax = iterationsMax
    self.rate = rate
  }

  public struct State: SolverState {
    public var rows: SolverRows
    /// Where the iteration stands, which may be worse than the best.
    var latents: Batch
    var gradients: Batch
    /// One number an entry of `latents`, and so are the second ones.
    var firstMoments: [Float]
    var secondMoments: [Float]
    /// One a row: rows may have joined later.
    var iterations: [Int]
  }

  public func start(_ objective: LeastSquares, at latents: Batch) -> State {
    let (losses, gradients) = objective.gradients(at: latents)
    let zeros = [Float](repeating: 0, count: latents.values.count)
    return State(
      rows: SolverRows(
        latents: latents, losses: losses, forwardEquivalents: 2 * Double(latents.count)),
      latents: latents, gradients: gradients, firstMoments: zeros, secondMoments: zeros,
      iterations: [Int](repeating: 0, count: latents.count))
  }

  public func step(_ state: inout State, _ objective: LeastSquares) {
    let b1 = Float(firstDecay)
    let b2 = Float(secondDecay)
    let width = state.latents.width
    for row in state.iterations.indices {
      state.iterations[row] += 1
      let firstCorrection = 1 - pow(firstDecay, Double(state.iterations[row]))
      let secondCorrection = 1 - pow(secondDecay, Double(state.iterations[row]))
      let scale = Float(rate / firstCorrection)
      let spread = Float(1 / secondCorrection)
      for entry in row * width..<(row + 1) * width {
        let gradient = state.gradients.values[entry]
        let first = b1 * state.firstMoments[entry] + (1 - b1) * gradient
        let second = b2 * state.secondMoments[entry] + (1 - b2) * gradient * gradient
        state.firstMoments[entry] = first
        state.secondMoments[entry] = second
        state.latents.values[entry] -=
          scale * first / ((second * spread).squareRoot() + Float(epsilon))
      }
    }
    let (losses, gradients) = objective.gradients(at: state.latents)
    state.gradients = gradients
    state.rows.forwardEquivalents += 2 * Double(state.latents.count)
    state.rows.note(state.latents, losses: losses, gradients: gradients)
  }
}

extension Adam {
  public func restore(
    _ rows: SolverRows, from reader: inout CheckpointReader, _ objective: LeastSquares
  ) throws(CheckpointError) -> State {
    State(
      rows: rows, latents: try reader.readBatch(like: rows.latents),
      gradients: try reader.readBatch(like: rows.latents),
      firstMoments: try reader.readArray(of: rows.latents.values.count),
      secondMoments: try reader.readArray(of: rows.latents.values.count),
      iterations: try reader.readArray(of: rows.latents.count))
  }
}

extension Adam.State {
  public func write(to writer: inout CheckpointWriter) {
    writer.write(latents)
    writer.write(gradients)
    writer.write(firstMoments)
    writer.write(secondMoments)
    writer.write(iterations)
  }
}
