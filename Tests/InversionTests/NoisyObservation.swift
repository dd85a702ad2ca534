import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// A kind of error together with the model that declares it.
struct NoisyObservation: Sendable, CustomStringConvertible {
  var description: String
  var declared: any NoiseModel
  var draw: @Sendable (_ truth: Double, _ random: inout RandomNumbers) -> Double

  static let all: [NoisyObservation] = [
    gaussian,
    NoisyObservation(description: "uniform", declared: UniformNoise(bound: 0.1)) {
      $0 + 0.1 * (2 * $1.uniform() - 1)
    },
    NoisyObservation(description: "laplace", declared: LaplaceNoise(scale: 0.05)) {
      $0 + ($1.uniform() < 0.5 ? 0.05 : -0.05) * log(1 - $1.uniform())
    },
    NoisyObservation(description: "outliers", declared: OutlierNoise(sigma: 0.02)) {
      $1.uniform() < 0.1 ? $1.uniform() : $0 + 0.02 * $1.normal()
    },
    poisson,
    clipped,
  ]

  static let gaussian = NoisyObservation(
    description: "gaussian", declared: GaussianNoise(sigma: 0.05)
  ) { $0 + 0.05 * $1.normal() }

  /// Cut off where half of the signal is.
  static let clipped = NoisyObservation(
    description: "clipped",
    declared: GaussianNoise(sigma: 0.05, clipping: .to(lower: 0.35, upper: 0.65))
  ) { min(max($0 + 0.05 * $1.normal(), 0.35), 0.65) }

  static let poisson = NoisyObservation(description: "poisson", declared: PoissonNoise(peak: 300)) {
    let limit = exp(-300 * $0)
    var product = $1.uniform()
    var count = 0.0
    while product > limit {
      product *= $1.uniform()
      count += 1
    }
    return count / 300
  }

  /// A planted latent, observed whole under these errors.
  func plant(_ generator: Generator, declared: (any NoiseModel)? = nil, seed: UInt64)
    -> PlantedProblem
  {
    var random = RandomNumbers(seed: seed, stream: 0x6572_726f)
    let z = generator.drawLatents(count: 1, from: &random)
    let observation = generator.evaluate(z).values.map { Float(draw(Double($0), &random)) }
    return PlantedProblem(
      latent: z.values,
      problem: InverseProblem(
        generator, observation: observation, noise: declared ?? self.declared))
  }
}

extension PlantedProblem {
  init(latent: [Float], problem: InverseProblem) {
    self.latent = latent
    self.problem = problem
  }

  /// The error of the fit that a solver started at the truth ends at.
  var errorFromTheTruth: Double {
    let loop = IterationLoop()
    let method = LevenbergMarquardt()
    var latents = Batch(row: latent)
    for objective in problem.approaches + [problem.objective] {
      latents = loop.run(method, objective, from: latents) { _, _ in }.rows.latents
    }
    return RelativeError.of(latents.values, latent)
  }
}

extension [Double] {
  var median: Double {
    let ordered = sorted()
    let half = count / 2
    return count % 2 == 1 ? ordered[half] : (ordered[half - 1] + ordered[half]) / 2
  }
}
