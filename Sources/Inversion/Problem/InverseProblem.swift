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
  /// Noiseless observations compared before a last activation that saturates, clipped short of its
  /// ends: easier to come near with. `nil` where that is not possible.
  public let inverted: LeastSquares?

  /// Whether something other than `A G(z) - y` is compared, because the measurement names it.
  let hasSurrogate: Bool

  /// How near the ends of its range a saturated activation is inverted.
  private static let inversionMargin: Float = 0.01

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
    var inverted: LeastSquares?
    if let entries = measurement.observedEntries {
      let observed = generator.observing(entries)
      forward = observed.chain
      if noise.isNoiseless, let final = observed.finalActivation?.function {
        if final.isPiecewiseLinear {
          lifted = LeastSquares(
            observed.preactivation, PreactivationResidual(observation, of: final), scale: scale)
        } else if let residual = PreactivationResidual(
          observation, of: final, margin: Self.inversionMargin)
        {
          inverted = LeastSquares(observed.preactivation, residual, scale: scale)
        }
      }
    } else {
      forward = Chain(
        generator.stages + [measurement], inputCount: generator.inputCount)
    }
    self.lifted = lifted
    self.inverted = inverted
    let prediction: Chain
    let comparison: any DifferentiableMap
    let easier: [any DifferentiableMap]
    if let surrogate = measurement.surrogate(for: observation) {
      hasSurrogate = true
      prediction = Chain(generator.stages, inputCount: generator.inputCount)
      comparison = surrogate.residual
      easier = []
      scale = surrogate.scale
    } else {
      hasSurrogate = false
      prediction = forward
      comparison = noise.residual(for: observation)
      easier = noise.approaches(for: observation)
    }
    let penalty = prior.penalty(for: generator, unit: noise.unit, scale: scale)
    fit = LeastSquares(prediction, comparison, scale: scale)
    objective = LeastSquares(prediction, comparison, prior: penalty, scale: scale)
    approaches = easier.map { LeastSquares(prediction, $0, prior: penalty, scale: scale) }
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
  /// Whether a latent explains the observation to the end: to rounding without noise, as well as
  /// the noise lets the truth do it with noise, though never better than to rounding. `false` when
  /// the size of the noise is not known.
  func isMet(by latent: [Float], loss: Double) -> Bool {
    if noise.isNoiseless { return loss <= roundingLoss }
    return explains(latent, loss: loss) ?? false
  }

  /// Whether a latent explains the observation, as far as the noise is known. Noise of unknown size
  /// explains every finite one.
  func isExplained(by latent: [Float], loss: Double) -> Bool {
    guard loss.isFinite, objective.scale.isFinite else { return false }
    // Rounding of the observation itself and of the forward pass: five digits.
    if noise.isNoiseless { return loss <= 1e-10 * objective.scale }
    return explains(latent, loss: loss) ?? true
  }

  /// The loss that the noise leaves at the truth, at most, or about that of errors in squared units
  /// where the noise judges in its own way; `nil` when its size is not known.
  ///
  /// - Parameter latent: near the truth, where the noise depends on what is predicted.
  func noiseLoss(at latent: [Float]) -> Double? {
    if noise.isNoiseless { return roundingLoss }
    let most = noise.squaredResidualMax(
      at: forward.evaluate(Batch(row: latent)).values, latentCount: latentCount)
    return (most ?? noise.unit.map { Double(observedCount) * $0 * $0 }).map { $0 / 2 }
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
