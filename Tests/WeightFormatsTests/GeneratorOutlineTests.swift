import Documents
import Networks
import Testing
import WeightFormats

/// An outline says what building the generator would, without holding its large tensors.
@Suite struct GeneratorOutlineTests {
  /// Over ``GeneratorOutline/outlinedTensorCountMin``, so that its weights are an outline.
  private static let width = 600

  /// A convolution and a batch norm behind a large linear layer, changed as asked.
  private func file(
    _ change: (inout [String: Tensor], inout JSONObject) -> Void = { _, _ in }
  ) -> MemoryBytes {
    let width = Self.width
    func tensor(_ shape: [Int]) -> Tensor {
      Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 % 7) * 0.125 + 0.125 })
    }
    var tensors = [
      "w": tensor([width, width]), "b": tensor([width]), "k": tensor([6, 6, 3]),
      "mean": tensor([6]), "variance": tensor([6]),
    ]
    var document: JSONObject = [
      "version": 1, "latent": ["shape": JSONValue([width])],
      "output": ["shape": JSONValue([6, 98]), "range": [0, 1]],
      "layers": [
        ["type": "linear", "weight": "w", "bias": "b"], ["type": "relu"],
        ["type": "reshape", "shape": JSONValue([6, width / 6])],
        ["type": "conv1d", "weight": "k", "bias": .null],
        ["type": "batch_norm", "running_mean": "mean", "running_var": "variance"],
      ],
    ]
    change(&tensors, &document)
    return MemoryBytes(Safetensors.write(tensors: tensors, architecture: .object(document)))
  }

  private func expectAgreement(
    _ source: some ByteSource, _ location: SourceLocation = #_sourceLocation
  )
    throws
  {
    let outline = try WeightFormats.outline(in: source)
    let loaded = try WeightFormats.generator(in: source)
    #expect(outline.architecture == loaded.architecture && outline.format == loaded.format)
    let generator = loaded.generator
    let content = outline.content
    #expect(content.latentShape == generator.latentShape, sourceLocation: location)
    #expect(content.outputShape == generator.outputShape, sourceLocation: location)
    #expect(content.latentDistribution == generator.latentDistribution)
    #expect(content.outputRange == generator.outputRange, sourceLocation: location)
    #expect(content.layers == generator.layers, sourceLocation: location)
    #expect(content.parameterCount == generator.parameterCount, sourceLocation: location)
  }

  @Test func anOutlineSaysWhatTheGeneratorIs() throws {
    #expect(Self.width * Self.width > GeneratorOutline.outlinedTensorCountMin)
    try expectAgreement(file())
    for name in ["generator.npz"] {
      try expectAgreement(try FileBytes(path: WeightFixture(name).path))
    }
  }

  /// Each with what it must say, so that both sides are known to speak of the same.
  @Test func whatTheGeneratorIsRefusedForTheOutlineIsToo() throws {
    let changes: [(String, (inout [String: Tensor], inout JSONObject) -> Void)] = [
      ("holds nan", { tensors, _ in tensors["w"]?.values[Self.width * Self.width - 1] = .nan }),
      ("holds inf", { tensors, _ in tensors["w"]?.values[Self.width + 1] = .infinity }),
      ("shape", { _, document in document["latent"] = ["shape": [599]] }),
      ("lack", { tensors, _ in tensors["b"] = nil }),
      ("no layer names", { tensors, _ in tensors["more"] = tensors["b"] }),
      ("variance", { tensors, _ in tensors["variance"]?.values[2] = -1 }),
      ("end with shape", { _, document in document["output"] = ["shape": [7]] }),
    ]
    for (words, change) in changes {
      let source = file(change)
      var messages: [String] = []
      for attempt in [
        { _ = try WeightFormats.generator(in: source) },
        { _ = try WeightFormats.outline(in: source) },
      ] {
        do {
          try attempt()
          Issue.record("accepted: \(words)")
        } catch {
          messages.append("\(error)")
        }
      }
      #expect(messages.count == 2 && messages[0] == messages[1], "\(words)")
    }
  }
}
