import Documents
import LinearAlgebra
import Networks
import Testing

/// Laws over the whole catalogue of layers: a kind that is added is tested unasked, and the tests
/// fail until it has an example.
struct LayerCatalogueTests {
  @Test func everyKindHasExamples() {
    for kind in LayerCatalogue.kinds {
      #expect(
        LayerExamples.byType[kind.type]?.isEmpty == false,
        "\(kind.type) needs an example in LayerExamples and its definition in NaiveNetwork")
    }
    #expect(Set(LayerCatalogue.kinds.map { $0.type }).count == LayerCatalogue.kinds.count)
  }

  @Test(arguments: LayerExamples.all)
  func keepsTheLaws(example: NetworkExample) throws {
    for seed in 410..<413 as Range<UInt64> { try NetworkLaws(example: example, seed: seed).check() }
  }

  @Test(arguments: LayerExamples.all)
  func saysItsShapesAndParameters(example: NetworkExample) throws {
    let generator = try example.generator()
    let shape = example.outputShape
    let parameters = example.tensors.values.reduce(0) { $0 + $1.values.count }
    #expect(generator.outputShape == shape)
    #expect(generator.outputCount == shape.reduce(1, *))
    #expect(generator.latentShape == example.latentShape)
    #expect(generator.inputCount == example.latentShape.reduce(1, *))
    #expect(generator.parameterCount == parameters)
    #expect(generator.layers.count == 1)
    #expect(generator.layers[0].outputShape == shape)
    #expect(generator.layers[0].parameterCount == parameters)
    #expect(example.layers[0].object?["type"]?.string == generator.layers[0].type)
  }

  /// What methods are chosen by: a product for each neighbour that is blended, one an entry that is
  /// copied, and none where nothing is done.
  @Test func costsAreCounted() throws {
    func cost(_ type: String, _ name: String) throws -> Int {
      let example = LayerExamples.byType[type]?.first { $0.name == name }
      return try #require(example).generator().multiplyCount
    }
    #expect(try cost("conv1d", "conv1d 3") == 4 * 2 * 3 * 4)
    #expect(try cost("conv_transpose1d", "conv_transpose1d 4, 2, 1") == 3 * 2 * 4 * 4)
    #expect(try cost("upsample", "upsample nearest, twice") == 2 * 3 * 4 + 2 * 6 * 4)
    #expect(
      try cost("upsample", "upsample bilinear, aligned true") == 2 * (2 * 3 * 5 + 2 * 6 * 5))
    #expect(try cost("pixel_shuffle", "pixel_shuffle 2") == 48)
    for (type, name) in [
      ("permute", "permute to itself"), ("slice", "slice all"), ("pad", "pad nothing"),
      ("upsample", "upsample to the same size"), ("pixel_shuffle", "pixel_shuffle 1"),
    ] {
      #expect(try cost(type, name) == 0, "\(name)")
    }
  }

  /// Schemas say what kind of value they want, once a field, and their defaults are within.
  @Test func schemasAreWellFormed() {
    for kind in LayerCatalogue.kinds {
      #expect(!kind.summary.isEmpty)
      #expect(kind.type.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
      let names = kind.parameters.map(\.name)
      #expect(Set(names).count == names.count && !names.contains("type"), "\(kind.type)")
      for parameter in kind.parameters {
        let schema = parameter.schema.object
        #expect(schema?["type"] != nil || schema?["oneOf"] != nil, "\(kind.type).\(parameter.name)")
        if let least = schema?["minimum"]?.number, let most = schema?["maximum"]?.number,
          let normal = schema?["default"]?.number
        {
          #expect(least <= normal && normal <= most, "\(kind.type).\(parameter.name)")
        }
      }
    }
  }

  @Test(arguments: LayerExamples.all)
  func refusesWhatNobodyKnows(example: NetworkExample) {
    let error = refusal(example.replacing("frobnicate", with: 1))
    #expect(error?.kind == .malformed)
    #expect(error?.fields.map(\.pointer) == ["/layers/0/frobnicate"])
  }

  /// Each number of a schema is refused just outside its range, and when it is no number.
  @Test(arguments: LayerExamples.all)
  func refusesNumbersOutOfRange(example: NetworkExample) throws {
    let kind = try #require(
      LayerCatalogue.kinds.first { $0.type == example.layers[0].object?["type"]?.string })
    for parameter in kind.parameters {
      let schema = parameter.schema.object
      let number = schema?["oneOf"]?.elements?.first?.object ?? schema
      guard let least = number?["minimum"]?.number, let most = number?["maximum"]?.number
      else { continue }
      let isInteger = number?["type"]?.string == "integer"
      let below = isInteger ? least - 1 : least - abs(least) * 1e-3 - 1e-9
      let above = isInteger ? most + 1 : most * 1.001
      for value in [.number(below), .number(above), .string("3"), .bool(true)] as [JSONValue] {
        let error = refusal(example.replacing(parameter.name, with: value))
        #expect(error?.kind == .malformed, "\(kind.type).\(parameter.name) \(value)")
        #expect(error?.fields.first?.pointer == "/layers/0/\(parameter.name)")
      }
      if isInteger {
        #expect(refusal(example.replacing(parameter.name, with: 1.5))?.kind == .malformed)
      }
      guard let list = schema?["oneOf"]?.elements?.dropFirst().first?.object,
        let least = list["minItems"]?.number, let most = list["maxItems"]?.number
      else { continue }
      let ones = [Double](repeating: 1, count: Int(most) + 1)
      for numbers in [Array(ones.prefix(Int(least) - 1)), ones, ones.dropLast(2) + [above]] {
        let error = refusal(example.replacing(parameter.name, with: .numbers(numbers)))
        #expect(error?.kind == .malformed, "\(kind.type).\(parameter.name) \(numbers)")
      }
    }
  }

  /// What can be wrong with a tensor, for each tensor that each example names.
  @Test(arguments: LayerExamples.all)
  func refusesBadTensors(example: NetworkExample) throws {
    for (name, tensor) in example.tensors {
      let field = String(name.dropFirst(2))
      let pointer = "/layers/0/\(field)"
      func expectRefusal(_ changed: NetworkExample, _ part: String) {
        let error = refusal(changed)
        #expect(error?.kind == .unprocessable, "\(example.name).\(field): \(part)")
        #expect(error?.fields.first?.pointer == pointer)
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "accepted")")
      }
      var changed = example
      changed.tensors[name] = nil
      expectRefusal(changed, "which the weights lack")

      for bad in [Float.nan, .infinity, -.infinity] {
        changed = example
        changed.tensors[name]?.values[tensor.values.count - 1] = bad
        expectRefusal(changed, "expected finite numbers")
      }

      changed = example
      changed.tensors[name] = Tensor(shape: tensor.shape + [1], values: tensor.values)
      expectRefusal(changed, "has shape")

      changed = example
      changed.tensors["not.named"] = Tensor(shape: [1], values: [0])
      let unnamed = refusal(changed, outputShape: example.outputShape)
      #expect(unnamed?.kind == .unprocessable)
      #expect(unnamed?.description.contains("not.named") == true)

      let wrongKind = refusal(example.replacing(field, with: 3))
      #expect(wrongKind?.kind == .malformed && wrongKind?.fields.first?.pointer == pointer)
    }
  }

  @Test(arguments: LayerExamples.all)
  func asksForRequiredTensors(example: NetworkExample) throws {
    let kind = try #require(
      LayerCatalogue.kinds.first { $0.type == example.layers[0].object?["type"]?.string })
    for parameter in kind.parameters
    where parameter.schema.object?["type"] == "string"
      && example.tensors["t.\(parameter.name)"] != nil
    {
      for value in [.some(.null), .none] as [JSONValue?] {
        var changed = example.replacing(parameter.name, with: value)
        changed.tensors["t.\(parameter.name)"] = nil
        let error = refusal(changed)
        #expect(error?.kind == .malformed, "\(kind.type).\(parameter.name)")
        #expect(error?.fields.first?.pointer == "/layers/0/\(parameter.name)")
      }
    }
  }

  /// The error of a network that cannot be built. A layer is refused before its output's shape is
  /// compared with the declared one.
  private func refusal(_ example: NetworkExample, outputShape: [Int] = [1]) -> DocumentError? {
    do {
      let document: JSONValue = [
        "version": 1, "latent": ["shape": JSONValue(example.latentShape)],
        "output": ["shape": JSONValue(outputShape)], "layers": JSONValue(example.layers),
      ]
      _ = try Generator(architecture: document, tensors: example.tensors)
      return nil
    } catch {
      return error
    }
  }
}
