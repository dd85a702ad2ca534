import Documents
import LinearAlgebra
import Networks
import Testing

/// Convolutions large enough to be cut into several products: over samples with a shorter block at
/// the end, and over channels. Small geometries never are.
struct ConvolutionBlockTests {
  private static func example(
    _ type: String, _ latentShape: [Int], weight: [Int], _ fields: [String: JSONValue]
  ) -> NetworkExample {
    var random = RandomNumbers(seed: 530)
    let scale = 1 / Double(weight.dropFirst().reduce(1, *)).squareRoot()
    var layer: JSONObject = ["type": .string(type), "weight": "w"]
    for (field, value) in fields { layer[field] = value }
    return NetworkExample(
      name: "\(type) \(latentShape), \(fields)", latentShape: latentShape,
      layers: [.object(layer)],
      tensors: ["w": NetworkExample.tensor(weight, &random, scale: scale)])
  }

  /// The usual layer of a generator, in numbers of positions that leave one, two and many samples
  /// to a block; with groups; an image that ends within the last stride; a stride of three; the
  /// same extents on both sides; and a kernel that reaches far beyond the image.
  static let examples = [
    example("conv_transpose2d", [1, 9, 9], weight: [1, 36, 4, 4], ["stride": 2, "padding": 1]),
    example("conv_transpose2d", [2, 17, 16], weight: [2, 3, 4, 4], ["stride": 2, "padding": 1]),
    example(
      "conv_transpose2d", [2, 10, 6], weight: [2, 34, 4, 4],
      ["stride": 2, "padding": 1, "groups": 2]),
    example("conv_transpose2d", [2, 9, 11], weight: [2, 6, 3, 3], ["stride": 2, "padding": 1]),
    example(
      "conv_transpose2d", [2, 9, 11], weight: [2, 4, 5, 5],
      ["stride": 2, "padding": 2, "output_padding": 1]),
    example("conv_transpose2d", [1, 9, 7], weight: [1, 24, 5, 5], ["stride": 3, "padding": 1]),
    example("conv_transpose2d", [2, 12, 9], weight: [2, 6, 3, 3], ["padding": 1]),
    example("conv_transpose2d", [1, 9, 9], weight: [1, 34, 4, 4], ["stride": 2]),
    example("conv2d", [40, 11, 9], weight: [1, 40, 5, 5], ["padding": 2]),
    example("conv2d", [4, 18, 18], weight: [3, 4, 4, 4], ["stride": 2, "padding": 1]),
    example(
      "conv2d", [40, 10, 10], weight: [2, 20, 4, 4], ["stride": 2, "padding": 1, "groups": 2]),
    example("conv2d", [40, 11, 9], weight: [1, 40, 5, 5], ["padding": 4, "dilation": 2]),
    example("conv2d", [25, 12, 13], weight: [1, 25, 6, 6], [:]),
    example("conv2d", [3, 4, 4], weight: [2, 3, 9, 9], ["padding": 4]),
  ]

  @Test(arguments: examples)
  func blocksAreOneConvolution(example: NetworkExample) throws {
    try NetworkLaws(example: example, seed: 531).check()
  }
}
