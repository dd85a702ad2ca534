import Inversion
import LinearAlgebra
import Measurements
import Networks

/// The two kinds of noise of Lei et al. (2019).
enum AdditiveNoise: String, CaseIterable, Sendable {
  case uniform
  case gaussian

  /// Independent errors: uniform between minus and plus `level`, or normal with that deviation.
  func draw(_ count: Int, level: Double, from random: inout RandomNumbers) -> [Float] {
    (0..<count).map { _ in
      switch self {
      case .uniform: Float(level * (2 * random.uniform() - 1))
      case .gaussian: Float(level * random.normal())
      }
    }
  }

  func deviation(level: Double) -> Double {
    switch self {
    case .uniform: level / 3.0.squareRoot()
    case .gaussian: level
    }
  }
}

/// A whole signal seen with noise whose deviation is told.
struct NoisyTrial {
  let planted: PlantedProblem
  /// `|e| / |G(z*)|`
  let relativeNoise: Double

  init(
    _ generator: Generator, latent: [Float], _ noise: AdditiveNoise, level: Double,
    from random: inout RandomNumbers
  ) {
    let signal = generator.evaluate(Batch(row: latent)).values
    let errors = noise.draw(signal.count, level: level, from: &random)
    planted = PlantedProblem(
      generator, IdentityMeasurement(count: signal.count), latent: latent,
      observation: zip(signal, errors).map { $0 + $1 }, deviation: noise.deviation(level: level))
    relativeNoise = norm(errors) / norm(signal)
  }

  /// Least squares from the planted latent, which for normal errors is maximum likelihood: what no
  /// solver of the problem can be expected to better on average.
  var bestFit: [Float] {
    Array(
      Descent.levenbergMarquardt(
        planted.problem.objective, from: Batch(row: planted.latent), iterations: 60
      ).latents[0])
  }
}
