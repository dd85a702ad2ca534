import LinearAlgebra
import Measurements
import Networks

/// Where searches gain from being advanced together.
public enum CompanionRule {
  /// Noise whose residual is a difference and nothing else, which rows of one batch can have each with
  /// an observation of its own.
  public static func admits(_ noise: any NoiseModel) -> Bool {
    noise.clipping == nil && noise.residual(for: []) is Translation
      && noise.approaches(for: []).isEmpty
  }

  /// Dense layers, whose weights are read once a row and multiplied once: for one row that is all
  /// waiting for memory. Convolutions use theirs many times over, gain little, and hold large rows.
  public static func admits(_ generator: Generator) -> Bool {
    generator.multiplyCount <= 2 * generator.parameterCount
  }
}
