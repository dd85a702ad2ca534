import Networks
import Testing

struct RandomNetworkTests {
  static let blocks = (0..<8).map { block in (block * 40..<block * 40 + 40).map { UInt64($0) } }

  /// Strides, paddings, dilations, groups and output paddings in every combination that chance
  /// finds, against the definition.
  @Test(arguments: ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"], blocks)
  func convolutionsAreWhatPyTorchDefines(type: String, seeds: [UInt64]) throws {
    for seed in seeds {
      let example = RandomNetwork.drawConvolution(type, seed: seed)
      let generator = try example.generator()
      #expect(generator.layers[0].outputShape == example.outputShape, "\(example.name)")
      try NetworkLaws(example: example, seed: seed).check()
    }
  }

  @Test(arguments: (0..<10).map { block in (block * 12..<block * 12 + 12).map { UInt64($0) } })
  func chainsKeepTheLaws(seeds: [UInt64]) throws {
    for seed in seeds {
      let example = RandomNetwork.draw(seed: seed)
      let generator = try example.generator()
      #expect(generator.layers.count == example.layers.count)
      #expect(generator.outputShape == example.outputShape)
      var laws = NetworkLaws(example: example, seed: seed)
      laws.valueTolerance = 3e-5
      laws.derivativeTolerance = 2e-4
      try laws.check()
    }
  }
}
