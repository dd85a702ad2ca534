import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing
import WeightFormats

/// What is said of a generator's layers.
struct LayerDiagnosisTests {
  private func layers(
    _ generator: Generator, weights: [Int: [Float]] = [:]
  ) -> [GeneratorDiagnosis.Layer] {
    GeneratorDiagnosis(
      generator, IdentityMeasurement(count: generator.outputCount), weights: weights, draws: 2,
      seed: 7
    ).layers
  }

  private func relu(_ rows: [[Float]]) throws -> GeneratorDiagnosis.Layer {
    try #require(layers(try SmallGenerators.linear(rows, then: ["type": "relu"])).first)
  }

  private func gaussian(_ outputs: Int, _ inputs: Int, seed: UInt64) -> [[Float]] {
    var random = RandomNumbers(seed: seed)
    return (0..<outputs).map { _ in (0..<inputs).map { _ in Float(random.normal()) } }
  }

  /// A Gaussian layer 500 times wider than its input comes near its mean: the deviation of the norm
  /// is about `sqrt(8 / 4000) = 0.045`. The identity does not: at `r = s` it is off by 1/2.
  @Test func wideGaussianLayersMeetTheCondition() throws {
    let wide = try #require(try relu(gaussian(4000, 8, seed: 990)).condition)
    #expect(wide.unrestricted > 0.01 && wide.unrestricted < 0.15)
    #expect(wide.rangeRestricted > 0 && wide.rangeRestricted < 0.15)
    let identity = (0..<8).map { row in (0..<8).map { Float($0 == row ? 1 : 0) } }
    let poor = try #require(try relu(identity).condition)
    #expect(poor.unrestricted >= 0.5 && poor.unrestricted <= 1.5)
    #expect(abs(poor.scale - 1) < 1e-12)
  }

  @Test func aFactorIsIrrelevant() throws {
    let rows = gaussian(300, 6, seed: 991)
    let plain = try #require(try relu(rows).condition)
    let scaled = try #require(try relu(rows.map { $0.map { 1024 * $0 } }).condition)
    #expect(abs(plain.unrestricted - scaled.unrestricted) < 1e-5)
    #expect(abs(plain.scale / scaled.scale - 1024) < 1e-3)
  }

  /// The paper's point: a contractive layer violates the condition at large, but not on the range of
  /// the layers before it.
  @Test func contractiveLayersMeetTheRangeRestrictedCondition() throws {
    let generator = try SmallGenerators.perceptron([2, 600, 400], ["type": "relu"], seed: 992)
    let found = layers(generator)
    #expect(found.map(\.expansivity) == [300, 400.0 / 600])
    let second = try #require(found[1].condition)
    #expect(second.unrestricted > 0.5)
    #expect(second.rangeRestricted < 0.25)
  }

  /// Independent of the formulas in the product: for one input, `Q` is 1/2 at equal signs and 0 at
  /// opposite ones, and `W^T diag(active) W` is the sum of squares of the weights of one sign.
  @Test func oneInputCanBeCheckedByHand() throws {
    let weights: [Float] = [1, 2, -1, 0.5, -3]
    let condition = try #require(try relu(weights.map { [$0] }).condition)
    let squares = weights.map { Double($0) * Double($0) }
    let positive = (squares[0] + squares[1] + squares[3]) / squares.reduce(0, +)
    let expected = max(abs(positive - 0.5), abs(1 - positive - 0.5))
    #expect(abs(condition.unrestricted - expected) < 1e-6)
    #expect(abs(condition.rangeRestricted - expected) < 1e-6)
  }

  @Test func conditionsAreOfDenseReLULayersOnly() throws {
    let smooth = try SmallGenerators.perceptron([3, 8, 20], ["type": "tanh"], seed: 993)
    #expect(layers(smooth).allSatisfy { $0.condition == nil })
    let bare = try SmallGenerators.perceptron(
      [3, 8, 20], ["type": "relu"], final: false, seed: 994)
    #expect(layers(bare).map { $0.condition == nil } == [false, true])
    let zero = try SmallGenerators.linear([[0, 0], [0, 0]], then: ["type": "relu"])
    #expect(layers(zero).map { $0.condition == nil } == [true])
    // A branch has layers, but no place in a chain.
    let residual = try SmallGenerators.residual(width: 4, outputs: 9, seed: 995)
    let found = layers(residual)
    #expect(found.map(\.layer) == [0, 3] && found.allSatisfy { $0.condition == nil })
    #expect(found.map(\.outputCount) == [4, 9])
  }

  /// Moments of 40 000 normal draws within five standard errors, `sqrt(6 / n)` and `sqrt(24 / n)`;
  /// the distance below the 99.9 % quantile of Kolmogorov's statistic, `1.95 / sqrt(n)`.
  @Test func gaussianWeightsLookGaussian() throws {
    var random = RandomNumbers(seed: 996)
    let weights = (0..<40_000).map { _ in Float(0.3 + 0.02 * random.normal()) }
    let found = try distribution(weights)
    #expect(found.count == 40_000 && abs(found.mean - 0.3) < 5e-4)
    #expect(abs(found.deviation - 0.02) < 5 * 0.02 / (2 * 40_000.0).squareRoot())
    #expect(abs(found.skewness) < 0.062 && abs(found.excessKurtosis) < 0.123)
    #expect(found.distance < 0.0098)
    #expect(found.binCounts.reduce(0, +) == 40_000)
    #expect(found.binEdges.count == found.binCounts.count + 1)
    #expect(abs(found.gaussianCounts.reduce(0, +) - 40_000) < 20)
    for (count, expected) in zip(found.binCounts, found.gaussianCounts) {
      #expect(abs(Double(count) - expected) < 5 * max(expected, 1).squareRoot() + 1)
    }
  }

  /// A uniform distribution has kurtosis 9/5 and is 0.0572 away from its Gaussian: the two differ
  /// most where their densities meet.
  @Test func uniformWeightsDoNot() throws {
    let weights = (0..<30_000).map { Float($0) / 30_000 - 0.5 }
    let found = try distribution(weights)
    #expect(abs(found.excessKurtosis + 1.2) < 1e-3 && abs(found.skewness) < 1e-6)
    #expect(abs(found.distance - 0.0572) < 1e-3)
    #expect(found.binCounts.allSatisfy { abs($0 - 30_000 / 64) <= 2 })
    let constant = try distribution([Float](repeating: 2, count: 10))
    #expect(constant.deviation == 0 && constant.binCounts.reduce(0, +) == 10)
  }

  private func distribution(_ weights: [Float]) throws -> WeightDistribution {
    let generator = try SmallGenerators.randomLinear(2, 3, seed: 997)
    return try #require(layers(generator, weights: [0: weights]).first?.weights)
  }

  @Test func moreDrawsCostMore() throws {
    let generator = try SmallGenerators.perceptron([4, 10, 20], ["type": "relu"], seed: 998)
    let cost = GeneratorDiagnosis.multiplyCount(generator, IdentityMeasurement(count: 20))
    #expect(cost.perDraw > 5 * 240 && cost.fixed > 240)
  }

  /// Each layer of a trained convolutional generator, with its tensor as it was uploaded.
  @Test(.enabled(if: SharedGenerators.arePresent, "needs the folder of shared generators"))
  func trainedLayersAreFound() throws {
    let generator = try SharedGenerators.generator("face-dcgan")
    let architecture = try JSONParser().parse(
      SharedGenerators.bytes("face-dcgan", "architecture.json") ?? [])
    let tensors = try WeightFormats.tensors(
      in: MemoryBytes(SharedGenerators.bytes("face-dcgan", "weights.safetensors") ?? []),
      of: architecture)
    let weights = GeneratorDiagnosis.weights(of: architecture, in: tensors)
    let found = layers(generator, weights: weights)
    #expect(found.count == 5 && found.allSatisfy { $0.type == "conv_transpose2d" })
    for layer in found {
      let distribution = try #require(layer.weights)
      // Trained kernels are near a Gaussian of mean zero, as the paper has it.
      #expect(abs(distribution.mean) < 0.2 * distribution.deviation, "layer \(layer.layer)")
      #expect(distribution.distance < 0.15, "layer \(layer.layer)")
    }
  }
}
