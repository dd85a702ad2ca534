import Documents
import LinearAlgebra
import Networks
import Testing

/// Batch norm behind an affine layer disappears into its weights, and nothing else changes.
struct BatchNormFoldingTests {
  private static func example(_ first: JSONValue, _ latentShape: [Int], _ weight: Tensor)
    -> NetworkExample
  {
    var random = RandomNumbers(seed: 500)
    let plain = NetworkExample(
      name: first.object?["type"]?.string ?? "", latentShape: latentShape, layers: [first],
      tensors: ["w": weight])
    let channels = plain.outputShape[0]
    return NetworkExample(
      name: "\(plain.name) with batch norm", latentShape: latentShape,
      layers: [
        first,
        [
          "type": "batch_norm", "weight": "n.w", "bias": "n.b", "running_mean": "n.m",
          "running_var": "n.v",
        ], ["type": "leaky_relu", "negative_slope": 0.2],
      ],
      tensors: [
        "w": weight, "n.w": NetworkExample.tensor([channels], &random),
        "n.b": NetworkExample.tensor([channels], &random),
        "n.m": NetworkExample.tensor([channels], &random),
        "n.v": NetworkExample.variances(channels, &random),
      ])
  }

  static let foldable: [NetworkExample] = {
    var random = RandomNumbers(seed: 501)
    return [
      example(
        ["type": "linear", "weight": "w"], [4], NetworkExample.tensor([6, 4], &random)),
      example(
        ["type": "conv2d", "weight": "w", "groups": 2, "padding": 1], [4, 5, 4],
        NetworkExample.tensor([6, 2, 3, 3], &random)),
      example(
        ["type": "conv_transpose2d", "weight": "w", "groups": 2, "stride": 2], [4, 3, 3],
        NetworkExample.tensor([4, 3, 3, 3], &random)),
      example(
        ["type": "conv_transpose2d", "weight": "w"], [5, 1, 1],
        NetworkExample.tensor([5, 3, 4, 4], &random)),
    ]
  }()

  @Test(arguments: foldable)
  func foldedIsUnfolded(example: NetworkExample) throws {
    let generator = try example.generator()
    #expect(generator.stages.count == 2, "one affine map and one activation")
    #expect(generator.layers.count == 3)
    try NetworkLaws(example: example, seed: 502).check()
  }

  /// Behind an activation it cannot be folded, and over a flattened image it scales entries of
  /// one channel differently: it stays a map of its own.
  @Test func whatCannotBeFoldedStays() throws {
    var random = RandomNumbers(seed: 503)
    let norm: JSONValue = ["type": "batch_norm", "running_mean": "n.m", "running_var": "n.v"]
    let afterActivation = NetworkExample(
      name: "relu, batch norm", latentShape: [6], layers: [["type": "relu"], norm],
      tensors: [
        "n.m": NetworkExample.tensor([6], &random), "n.v": NetworkExample.variances(6, &random),
      ])
    let overEntries = NetworkExample(
      name: "conv2d, flatten, batch norm", latentShape: [1, 3, 3],
      layers: [["type": "conv2d", "weight": "w"], ["type": "flatten"], norm],
      tensors: [
        "w": NetworkExample.tensor([2, 1, 2, 2], &random),
        "n.m": NetworkExample.tensor([8], &random), "n.v": NetworkExample.variances(8, &random),
      ])
    for example in [afterActivation, overEntries] {
      #expect(try example.generator().stages.count == 2)
      try NetworkLaws(example: example, seed: 504).check()
    }
  }

  @Test func variancesMustBePositive() throws {
    var example = Self.foldable[0]
    example.tensors["n.v"]?.values[2] = -0.5
    #expect {
      _ = try example.generator()
    } throws: { error in
      let error = error as? DocumentError
      return error?.kind == .unprocessable
        && error?.fields.first?.pointer == "/layers/1/running_var"
    }
  }
}
