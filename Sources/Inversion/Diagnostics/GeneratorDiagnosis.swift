import Documents
import LinearAlgebra
import Measurements
import Networks

/// What can be said of a generator and a measurement before anything is inverted.
public struct GeneratorDiagnosis: Sendable {
  /// A layer with weights.
  public struct Layer: Sendable {
    /// Place in the architecture document, counted from 0.
    public var layer: Int
    public var type: String
    public var inputCount: Int
    public var outputCount: Int
    /// Outputs an input: how far the layer enlarges its input.
    public var expansivity: Double
    /// `nil` unless the layer is dense, a ReLU follows, and nothing branches.
    public var condition: WeightDistributionCondition?
    /// Of the tensor as it was uploaded; `nil` when the tensors were not given.
    public var weights: WeightDistribution?
  }

  /// `nil` when the measurement has no useful derivative (one bit a number), or that of the network
  /// is not finite.
  public var identifiability: Identifiability?
  public var layers: [Layer]

  /// - Parameters:
  ///   - measurement: takes the generator's output.
  ///   - weights: the uploaded tensors of the layers, by the layers' places in the document.
  ///   - draws: latents that are drawn, at least 1.
  public init(
    _ generator: Generator, _ measurement: any Measurement, weights: [Int: [Float]] = [:],
    draws: Int, seed: UInt64
  ) {
    precondition(measurement.inputCount == generator.outputCount, "a measurement of the output")
    precondition(draws > 0, "at least one latent is drawn")
    identifiability = Identifiability(generator, measurement, draws: draws, seed: seed)
    var random = RandomNumbers(seed: seed, stream: 0x7764_6331)
    layers = []
    for layer in generator.affineLayers {
      layers.append(
        Layer(
          layer: layer.layer, type: layer.type, inputCount: layer.map.inputCount,
          outputCount: layer.map.outputCount,
          expansivity: Double(layer.map.outputCount) / Double(layer.map.inputCount),
          condition: Self.condition(of: layer, in: generator, from: &random),
          weights: weights[layer.layer].flatMap {
            WeightDistribution(layer: layer.layer, $0)
          }))
    }
  }

  /// The uploaded weights of each layer of an architecture document that has some, by its place.
  public static func weights(
    of architecture: JSONValue, in tensors: [String: Tensor]
  ) -> [Int: [Float]] {
    var weights: [Int: [Float]] = [:]
    for (layer, name) in Generator.weightNames(in: architecture) {
      weights[layer] = tensors[name]?.values
    }
    return weights
  }

  /// Multiplications that a diagnosis takes, roughly: a Jacobian, its Gram matrix and the
  /// eigenvectors of that for each draw; then what is looked at of each layer.
  ///
  /// - Returns: those of each draw, and those that no number of draws changes.
  public static func multiplyCount(
    _ generator: Generator, _ measurement: any Measurement
  ) -> (perDraw: Double, fixed: Double) {
    let latents = Double(generator.inputCount)
    let forward = Double(generator.multiplyCount) + Double(measurement.multiplyCount)
    let perDraw =
      (latents + 1) * forward + latents * latents * Double(measurement.outputCount)
      + 25 * latents * latents * latents
    var fixed = Double(generator.parameterCount)
    for layer in generator.affineLayers {
      guard let dense = conditioned(layer) else { continue }
      fixed += WeightDistributionCondition.multiplyCount(weights: dense.matrix.count)
    }
    return (perDraw, fixed)
  }

  /// The matrix of a layer that the conditions speak of.
  private static func conditioned(_ layer: AffineLayer) -> DenseMap? {
    guard layer.stage != nil, layer.activation is ReLU else { return nil }
    return layer.map as? DenseMap
  }

  private static func condition(
    of layer: AffineLayer, in generator: Generator, from random: inout RandomNumbers
  ) -> WeightDistributionCondition? {
    guard let dense = conditioned(layer), let stage = layer.stage else { return nil }
    let latents = generator.drawLatents(
      count: 2 * (WeightDistributionCondition.pairs + WeightDistributionCondition.differences),
      from: &random)
    let before = Chain(Array(generator.stages[..<stage]), inputCount: generator.inputCount)
    return WeightDistributionCondition(
      dense, before: before, latents: latents, random: &random)
  }
}
