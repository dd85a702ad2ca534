import Inversion
import Measurements
import Networks

// The only place that names noise models.
extension InverseProblem {
  /// Nothing beyond rounding was added.
  static func noiseless(
    _ generator: Generator, _ measurement: any Measurement, observation: [Float]
  ) -> InverseProblem {
    InverseProblem(
      generator: generator, measurement: measurement, observation: observation, noise: NoNoise())
  }

  /// Independent normal errors were added, of that deviation where it is known.
  static func noisy(
    _ generator: Generator, _ measurement: any Measurement, observation: [Float],
    deviation: Double?
  ) -> InverseProblem {
    InverseProblem(
      generator: generator, measurement: measurement, observation: observation,
      noise: GaussianNoise(sigma: deviation))
  }
}
