import Documents
import Inversion

/// What is said of a generator and a measurement before any inversion, as JSON.
enum DiagnosticsDocument {
  /// - Parameter sigma: of the noise that deviations are expected for; `nil` leaves them out.
  static func value(
    _ diagnosis: GeneratorDiagnosis, measurement: JSONValue, sigma: Double?, seed: Int
  ) -> JSONValue {
    [
      "measurement": measurement, "seed": JSONValue(seed),
      "noise_sigma": sigma.map(JSONValue.number) ?? .null,
      "answer": diagnosis.identifiability.map { .string($0.answer.rawValue) } ?? .null,
      "identifiability": diagnosis.identifiability.map { value($0, sigma: sigma) } ?? .null,
      "layers": .array(diagnosis.layers.map(value)),
    ]
  }

  private static func value(_ found: Identifiability, sigma: Double?) -> JSONValue {
    let interval = found.identifiableShareInterval
    return [
      "latent_count": JSONValue(found.latentCount),
      "observed_count": JSONValue(found.observedCount), "latents": JSONValue(found.draws),
      "identifiable": JSONValue(found.identifiableDraws),
      "identifiable_share": .number(found.identifiableShare),
      "identifiable_share_interval": .numbers([interval.lowerBound, interval.upperBound]),
      "rank": value(found.rank),
      "smallest_singular_value": value(found.smallestSingularValue),
      "largest_singular_value": value(found.largestSingularValue),
      "condition_number": value(found.conditionNumber),
      "latent_std": sigma.map { value(found.deviationPerNoise, times: $0) } ?? .null,
      "dead_latents": JSONValue(found.deadLatents),
    ]
  }

  private static func value(_ quantiles: Quantiles, times factor: Double = 1) -> JSONValue {
    [
      "min": .number(factor * quantiles.least), "q25": .number(factor * quantiles.lowerQuartile),
      "median": .number(factor * quantiles.median),
      "q75": .number(factor * quantiles.upperQuartile),
      "max": .number(factor * quantiles.greatest),
    ]
  }

  private static func value(_ layer: GeneratorDiagnosis.Layer) -> JSONValue {
    [
      "layer": JSONValue(layer.layer), "type": .string(layer.type),
      "input_count": JSONValue(layer.inputCount), "output_count": JSONValue(layer.outputCount),
      "expansivity": .number(layer.expansivity),
      "wdc": layer.condition.map(value) ?? .null, "weights": layer.weights.map(value) ?? .null,
    ]
  }

  private static func value(_ condition: WeightDistributionCondition) -> JSONValue {
    [
      "wdc_constant_min": .number(condition.unrestricted),
      "r2wdc_constant_min": .number(condition.rangeRestricted),
      "weight_scale": .number(condition.scale),
      "pairs": JSONValue(WeightDistributionCondition.pairs),
      "differences": JSONValue(WeightDistributionCondition.differences),
    ]
  }

  private static func value(_ weights: WeightDistribution) -> JSONValue {
    [
      "count": JSONValue(weights.count), "mean": .number(weights.mean),
      "std": .number(weights.deviation), "skewness": .number(weights.skewness),
      "excess_kurtosis": .number(weights.excessKurtosis),
      "ks_distance": .number(weights.distance), "bin_edges": .numbers(weights.binEdges),
      "bin_counts": JSONValue(weights.binCounts),
      "gaussian_counts": .numbers(weights.gaussianCounts),
    ]
  }
}
