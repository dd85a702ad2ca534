import LinearAlgebra
import Measurements
import Networks

/// What is to be inverted: `y = A G(z*) + e`, with everything but `z*` known.
public struct InverseProblem: Sendable {
  public let generator: Generator
  public let measurement: any Measurement
  /// `y`, one number an output of the measurement.
  public let observation: [Float]
  /// With the ends of clipped noise in numbers.
  public let noise: any NoiseModel
  public let prior: LatentPrior
  /// `A G` from the latent to what the measurement would show, cut down to what is observed.
  public let forward: Chain
  /// How far `A G(z)` is from `y` as the noise measures it, or what the measurement names in its
  /// place where `A G` has no useful derivative.
  public let fit: LeastSquares
  /// What solvers make small: the fit, and the prior where there is one.
  public let objective: LeastSquares
  /// Easier objectives to come near with, one after the other, where the noise names them.
  public let approaches: [LeastSquares]
  /// The same observations compared before the last activation; `nil` where that is not possible
  /// or would distort declared noise.
  public let lifted: LeastSquares?

  /// `observation.count` must be the measurement's output count, the measurement must take the
  /// generator's output, noise that is clipped to an output range must meet a generator that
  /// declares one, and a prior needs noise of known size to be weighed against.
  public init(
    generator: Generator, measurement: any Measurement, observation: [Float],
    noise: any NoiseModel, prior: LatentPrior = .none
  ) {
    precondition(measurement.inputCount == generator.outputCount, "a measurement of the output")
    precondition(measurement.outputCount == observation.count, "one number an observed entry")
    let noise = noise.resolved(outputRange: generator.outputRange)
    precondition(noise.clipping != .toOutputRange, "the ends of clipped noise are known")
    precondition(prior == .none || noise.unit != nil, "a prior is weighed against known noise")
    self.generator = generator
    self.measurement = measurement
    self.observation = observation
    self.noise = noise
    self.prior = prior
    var scale = noise.scale(of: observation)
    var lifted: LeastSquares?
    if let entries = measurement.observedEntries {
      let observed = generator.observing(entries)
      forward = observed.chain
      if noise.isNoiseless, let final = observed.finalActivation, final.function.isPiecewiseLinear {
        lifted = LeastSquares(
          observed.preactivation,
          PreactivationResidual(observation, of: final.function), scale: scale)
      }
    } else {
      forward = Chain(
        generator.stages + [measurement], inputCount: generator.inputCount)
    }
    self.lifted = lifted
    let prediction: Chain
    let comparison: any DifferentiableMap
    let easier: [any DifferentiableMap]
    if let surrogate = measurement.surrogate(for: observation) {
      prediction = Chain(generator.stages, inputCount: generator.inputCount)
      comparison = surrogate.residual
      easier = []
      scale = surrogate.scale
    } else {
      prediction = forward
      comparison = noise.residual(for: observation)
      easier = noise.approaches(for: observation)
    }
    let known = noise.unit.flatMap { prior.residual(for: generator, unit: $0, scale: scale) }
    fit = LeastSquares(prediction, comparison, scale: scale)
    objective = LeastSquares(prediction, comparison, prior: known, scale: scale)
    approaches = easier.map { LeastSquares(prediction, $0, prior: known, scale: scale) }
  }

  /// Entries of the latent code, `k`.
  public var latentCount: Int { generator.inputCount }
  /// Observed numbers, `m`.
  public var observedCount: Int { observation.count }

  /// A loss that is nothing but rounding, where solvers may stop; never met by an observation that
  /// is not finite.
  public var roundingLoss: Double { objective.scale.isFinite ? 1e-11 * objective.scale : 0 }
}

extension InverseProblem {
  /// About the loss of the truth, as far as the observation tells: rounding, or what the noise
  /// leaves on average. `nil` when the size of the noise is not known.
  var typicalLoss: Double? {
    if noise.isNoiseless { return roundingLoss }
    return noise.unit.map { unit in
      let square = noise.moments(at: observation)?.mean ?? Double(observedCount) * unit * unit
      return max(square / 2, roundingLoss)
    }
  }

  /// Whether a latent explains the observation to the end: to rounding without noise, as well as
  /// the noise lets the truth do it with noise, though never better than to rounding. `false` when
  /// the size of the noise is not known.
  func isMet(by latent: [Float], loss: Double) -> Bool {
    if noise.isNoiseless { return loss <= roundingLoss }
    return explains(latent, loss: loss) ?? false
  }

  /// Whether a latent explains the observation, as far as the noise is known. Noise of unknown size
  /// explains every finite one.
  func isExplained(by candidate: Candidate) -> Bool {
    let loss = candidate.loss
    guard loss.isFinite, objective.scale.isFinite else { return false }
    // Rounding of the observation itself and of the forward pass: five digits.
    if noise.isNoiseless { return loss <= 1e-10 * objective.scale }
    return explains(candidate.latent, loss: loss) ?? true
  }

  /// By the noise, of known size; `nil` for noise that does not say.
  private func explains(_ latent: [Float], loss: Double) -> Bool? {
    guard loss.isFinite else { return false }
    let latents = Batch(row: latent)
    let loss = prior == .none ? loss : fit.losses(at: latents)[0]
    let explains = noise.explains(
      NoiseFit(
        prediction: forward.evaluate(latents).values, observation: observation,
        squaredResidual: 2 * loss,
        // Latents that a prior holds are not free to follow the noise.
        latentCount: prior == .none ? latentCount : 0))
    return explains.map { $0 || loss <= roundingLoss }
  }
}
