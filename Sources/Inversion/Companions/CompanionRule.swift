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

  /// Priors that add to the loss and not to what is compared.
  public static func admits(
    _ prior: LatentPrior, of distribution: Generator.LatentDistribution
  ) -> Bool {
    prior == .none || distribution == .standardNormal
  }

  /// Networks of dense layers, whose weights are read once a row and multiplied once. Convolutions use
  /// theirs many times over, gain little, and hold large rows. Of wide layers a few rows fill the
  /// memory that is near.
  ///
  /// - Parameter layers: a generator's.
  public static func admits(_ layers: [Generator.LayerSummary]) -> Bool {
    layers.allSatisfy { layer in
      (layer.parameterCount == 0 || dense.contains(layer.type))
        && layer.outputShape.reduce(1, *) <= widthMax
    }
  }

  /// Searches that are over in a second or so. Longer ones keep checkpoints, which a batch does not,
  /// and would keep their companions' place for long.
  public static func admits(_ search: any CompanionSearch, of layers: [Generator.LayerSummary])
    -> Bool
  {
    let parameterCount = layers.reduce(0) { $0 + $1.parameterCount }
    // Forward and back.
    let multiplications = (2 * parameterCount).multipliedReportingOverflow(
      by: search.rowIterationsMax)
    return search.rowIterationsMax <= rowIterationsMax && !multiplications.overflow
      && multiplications.partialValue <= multiplicationsMax
  }

  public static let rowIterationsMax = 1 << 16
  public static let multiplicationsMax = 1 << 34

  private static let dense: Set = ["linear", "batch_norm"]
  /// Entries of a layer's output.
  public static let widthMax = 1 << 16
  /// Starts of one search. More are a batch by themselves.
  static let startsMax = 16
}
