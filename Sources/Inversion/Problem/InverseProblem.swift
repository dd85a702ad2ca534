import LinearAlgebra
import Measurements
import Networks

/// What is to be inverted: `y = A G(z*) + e`, with everything but `z*` known.
public struct InverseProblem: Sendable {
  public let generator: Generator
  public let measurement: any Measurement
  /// `y`, one number an output of the measurement.
  public let observation: [Float]
  public let noise: Noise
  /// `A G` from the latent to what the measurement would show, cut down to what is observed.
  public let forward: Chain
  /// `A G(z) - y`, or what the measurement names in its place where that has no useful derivative.
  public let objective: LeastSquares
  /// The same observations compared before the last activation; `nil` where that is not possible
  /// or would distort declared noise.
  public let lifted: LeastSquares?

  /// `observation.count` must be the measurement's output count, and the measurement must take
  /// the generator's output.
  public init(
    generator: Generator, measurement: any Measurement, observation: [Float], noise: Noise
  ) {
    precondition(measurement.inputCount == generator.outputCount, "a measurement of the output")
    precondition(measurement.outputCount == observation.count, "one number an observed entry")
    self.generator = generator
    self.measurement = measurement
    self.observation = observation
    self.noise = noise
    let scale = sumOfSquares(observation) / 2
    var lifted: LeastSquares?
    if let entries = measurement.observedEntries {
      let observed = generator.observing(entries)
      forward = observed.chain
      if noise == .none, let final = observed.finalActivation, final.function.isPiecewiseLinear {
        lifted = LeastSquares(
          observed.preactivation,
          PreactivationResidual(observation, of: final.function), scale: scale)
      }
    } else {
      forward = Chain(
        generator.stages + [measurement], inputCount: generator.inputCount)
    }
    self.lifted = lifted
    if let surrogate = measurement.surrogate(for: observation) {
      objective = LeastSquares(
        Chain(generator.stages, inputCount: generator.inputCount), surrogate.residual,
        scale: surrogate.scale)
    } else {
      objective = LeastSquares(forward, Translation(origin: observation), scale: scale)
    }
  }

  /// Entries of the latent code, `k`.
  public var latentCount: Int { generator.inputCount }
  /// Observed numbers, `m`.
  public var observedCount: Int { observation.count }

  /// The loss below which a latent explains the observation: rounding for noiseless data, the
  /// upper end of what the declared noise leaves otherwise, but never below rounding; `nil` when
  /// the noise is not known.
  public var lossTarget: Double? {
    // Nothing meets an observation that is not finite.
    let rounding = objective.scale.isFinite ? 1e-11 * objective.scale : 0
    switch noise {
    case .none: return rounding
    case .gaussian(let sigma?):
      let freedom = Double(max(observedCount - latentCount, 1))
      let norm = sigma * freedom.squareRoot() * (1 + 2.5 / (2 * freedom).squareRoot())
      return max(norm * norm / 2, rounding)
    case .gaussian(nil): return nil
    }
  }
}
