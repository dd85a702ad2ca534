import Documents
import LinearAlgebra
import Networks
import Testing

/// What an architecture document may say, and that everything else is refused by name.
struct GeneratorDocumentTests {
  private let tensors = [
    "w": Tensor(shape: [4, 3], values: [Float](repeating: 0.5, count: 12)),
    "b": Tensor(shape: [4], values: [1, 2, 3, 4]),
  ]
  private let document: JSONValue = [
    "version": 1, "latent": ["shape": [3], "distribution": "standard_normal"],
    "output": ["shape": [2, 2], "range": [-1, 1]],
    "layers": [["type": "linear", "weight": "w", "bias": "b"], ["type": "tanh"]],
  ]

  private func replacing(_ path: [String], with value: JSONValue?) -> JSONValue {
    func replaced(_ node: JSONValue, _ path: ArraySlice<String>) -> JSONValue? {
      guard let key = path.first else { return value }
      if var object = node.object {
        object[key] = replaced(object[key] ?? [:], path.dropFirst())
        return .object(object)
      }
      var elements = node.elements ?? []
      if let place = Int(key), let changed = replaced(elements[place], path.dropFirst()) {
        elements[place] = changed
      }
      return .array(elements)
    }
    return replaced(document, path[...]) ?? .null
  }

  private func refusal(
    _ document: JSONValue, tensors: [String: Tensor]? = nil, limits: GeneratorLimits = .init()
  ) -> DocumentError? {
    do {
      _ = try Generator(
        architecture: document, tensors: tensors ?? self.tensors, limits: limits)
      return nil
    } catch {
      return error
    }
  }

  private func expectRefusal(
    _ document: JSONValue, _ kind: DocumentError.Kind, at pointer: String,
    tensors: [String: Tensor]? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = refusal(document, tensors: tensors)
    #expect(
      error?.kind == kind, "\(error?.description ?? "accepted")", sourceLocation: sourceLocation)
    #expect(error?.fields.first?.pointer == pointer, sourceLocation: sourceLocation)
    #expect(
      error?.fields.allSatisfy { !$0.detail.isEmpty } != false, sourceLocation: sourceLocation)
  }

  @Test func readsWhatItSays() throws {
    let generator = try Generator(architecture: document, tensors: tensors)
    #expect(generator.latentShape == [3] && generator.outputShape == [2, 2])
    #expect(generator.latentDistribution == .standardNormal)
    #expect(generator.outputRange == -1...1)
    #expect(generator.layers.map(\.type) == ["linear", "tanh"])
    #expect(generator.layers.map(\.outputShape) == [[4], [4]])
    #expect(generator.parameterCount == 16)
    let bare = replacing(["latent"], with: ["shape": [3]])
    #expect(
      try Generator(architecture: bare, tensors: tensors).latentDistribution == .standardNormal)
    let uniform = replacing(["latent", "distribution"], with: "uniform")
    #expect(try Generator(architecture: uniform, tensors: tensors).latentDistribution == .uniform)
    let open = replacing(["output", "range"], with: nil)
    #expect(try Generator(architecture: open, tensors: tensors).outputRange == nil)
  }

  @Test func drawsLatentsFromTheirDistribution() throws {
    var random = RandomNumbers(seed: 510)
    let normal = try Generator(architecture: document, tensors: tensors)
    let draws = normal.drawLatents(count: 2000, from: &random)
    #expect(draws.count == 2000 && draws.width == 3)
    #expect(draws.values.contains { abs($0) > 1.5 })
    let document = replacing(["latent", "distribution"], with: "uniform")
    let uniform = try Generator(architecture: document, tensors: tensors)
    let even = uniform.drawLatents(count: 2000, from: &random).values
    #expect(even.allSatisfy { abs($0) <= 1 })
    #expect(abs(even.reduce(0, +) / 6000) < 0.05)
    #expect(abs(sumOfSquares(even) / 6000 - 1.0 / 3) < 0.02)
  }

  @Test func refusesBrokenGrammar() {
    expectRefusal([1, 2], .malformed, at: "")
    expectRefusal("text", .malformed, at: "")
    for member in ["version", "latent", "output", "layers"] {
      expectRefusal(replacing([member], with: nil), .malformed, at: "/\(member)")
      expectRefusal(replacing([member], with: .null), .malformed, at: "/\(member)")
      expectRefusal(replacing([member], with: "text"), .malformed, at: "/\(member)")
    }
    expectRefusal(replacing(["version"], with: 2), .malformed, at: "/version")
    expectRefusal(replacing(["version"], with: 1.5), .malformed, at: "/version")
    expectRefusal(replacing(["extra"], with: 1), .malformed, at: "/extra")
    expectRefusal(replacing(["latent", "extra"], with: 1), .malformed, at: "/latent/extra")
    expectRefusal(replacing(["output", "extra"], with: 1), .malformed, at: "/output/extra")
    expectRefusal(
      replacing(["latent", "distribution"], with: "gamma"), .malformed, at: "/latent/distribution")
    expectRefusal(replacing(["layers", "0"], with: 7), .malformed, at: "/layers/0")
    expectRefusal(
      replacing(["layers", "0", "type"], with: nil), .malformed, at: "/layers/0/type")
    expectRefusal(replacing(["layers", "1", "type"], with: 3), .malformed, at: "/layers/1/type")
    for side in ["latent", "output"] {
      expectRefusal(replacing([side, "shape"], with: nil), .malformed, at: "/\(side)/shape")
      expectRefusal(replacing([side, "shape"], with: []), .malformed, at: "/\(side)/shape")
      expectRefusal(replacing([side, "shape"], with: [0]), .malformed, at: "/\(side)/shape/0")
      expectRefusal(replacing([side, "shape"], with: [1, -3]), .malformed, at: "/\(side)/shape/1")
      expectRefusal(replacing([side, "shape"], with: [1.5]), .malformed, at: "/\(side)/shape/0")
      expectRefusal(
        replacing([side, "shape"], with: JSONValue([Int](repeating: 1, count: 9))), .malformed,
        at: "/\(side)/shape")
    }
    for range in [[1, -1], [0, 0], [1], [0, 1, 2], [0, 1e31], []] as [[Double]] {
      expectRefusal(
        replacing(["output", "range"], with: .numbers(range)), .malformed, at: "/output/range")
    }
    expectRefusal(replacing(["output", "range"], with: "0..1"), .malformed, at: "/output/range")
  }

  @Test func refusesUnknownLayersByName() {
    let unknown = replacing(["layers", "1", "type"], with: "attention")
    expectRefusal(unknown, .unprocessable, at: "/layers/1/type")
    let text = refusal(unknown)?.description ?? ""
    #expect(text.contains("attention"))
    for kind in LayerCatalogue.kinds { #expect(text.contains(kind.type)) }
  }

  @Test func refusesShapesThatDoNotMeet() {
    expectRefusal(replacing(["output", "shape"], with: [5]), .unprocessable, at: "/output/shape")
    expectRefusal(
      replacing(["latent", "shape"], with: [2]), .unprocessable, at: "/layers/0/weight")
    #expect(refusal(replacing(["output", "shape"], with: [1, 4, 1])) == nil)
    for shape in [[3], [0, -1], [-1, -1], [-1, 3], [5, -1]] {
      let reshaped = replacing(
        ["layers", "1"], with: ["type": "reshape", "shape": JSONValue(shape)])
      expectRefusal(reshaped, .unprocessable, at: "/layers/1/shape")
    }
    let imageless = replacing(["layers", "1"], with: ["type": "conv2d", "weight": "k"])
    expectRefusal(imageless, .unprocessable, at: "/layers/1/type")
  }

  @Test func refusesTensorsNamedTwice() {
    let twice = replacing(
      ["layers"],
      with: [
        ["type": "linear", "weight": "w", "bias": "b"],
        ["type": "batch_norm", "running_mean": "b", "running_var": "v"],
      ])
    let error = refusal(twice)
    #expect(error?.kind == .unprocessable)
    #expect(error?.fields.first?.pointer == "/layers/1/running_mean")
    #expect(error?.description.contains("/layers/0/bias") == true)
  }

  /// What the layers name, also where the document is not one that can be built.
  @Test func saysWhichTensorsAreNamed() throws {
    #expect(Generator.tensorNames(in: document) == ["w", "b"])
    let broken: JSONValue = [
      "layers": [
        ["type": "linear", "weight": "w", "bias": nil], ["type": "magic", "weight": "x"], 1,
        ["type": "tanh", "weight": "y"], ["type": "linear", "weight": 2],
      ]
    ]
    #expect(Generator.tensorNames(in: broken) == ["w"])
    for other in [1, nil, ["layers": 1]] as [JSONValue] {
      #expect(Generator.tensorNames(in: other).isEmpty)
    }
  }

  /// Which tensors of a file were meant is a word in the document, and settled before.
  @Test func mayNameAState() throws {
    let named = try Generator(
      architecture: replacing(["state"], with: "netG"), tensors: tensors)
    #expect(named.parameterCount == 16)
    #expect(throws: DocumentError.self) {
      try Generator(architecture: replacing(["state"], with: 1), tensors: tensors)
    }
  }

  @Test func refusesTensorsThatNoLayerNames() {
    var more = tensors
    for place in 0..<12 { more["spare.\(place)"] = Tensor(shape: [1], values: [0]) }
    expectRefusal(document, .unprocessable, at: "/layers", tensors: more)
    #expect(refusal(document, tensors: more)?.description.contains("2 more") == true)
    // PyTorch's count of batches is no weight.
    var counted = tensors
    counted["bn.num_batches_tracked"] = Tensor(shape: [], values: [7])
    #expect(refusal(document, tensors: counted) == nil)
  }

  @Test func refusesKernelsThatDoNotFit() {
    func convolution(
      _ type: String, _ weight: [Int], _ fields: [String: JSONValue] = [:]
    ) -> DocumentError? {
      var layer: JSONObject = ["type": .string(type), "weight": "k"]
      for (field, value) in fields { layer[field] = value }
      let document: JSONValue = [
        "version": 1, "latent": ["shape": [4, 3, 3]], "output": ["shape": [1]],
        "layers": .array([.object(layer)]),
      ]
      let count = weight.reduce(1, *)
      return refusal(
        document, tensors: ["k": Tensor(shape: weight, values: [Float](repeating: 1, count: count))]
      )
    }
    for (field, error) in [
      ("weight", convolution("conv2d", [2, 4, 4, 1])),
      ("weight", convolution("conv2d", [2, 3, 1, 1])),
      ("weight", convolution("conv2d", [0, 4, 1, 1])),
      ("weight", convolution("conv2d", [2, 4, 0, 1])),
      ("weight", convolution("conv2d", [3, 2, 1, 1], ["groups": 2])),
      ("groups", convolution("conv2d", [3, 1, 1, 1], ["groups": 3])),
      ("groups", convolution("conv_transpose2d", [4, 1, 1, 1], ["groups": 3])),
      ("weight", convolution("conv_transpose2d", [3, 1, 1, 1])),
      ("weight", convolution("conv_transpose2d", [4, 1, 0, 2], ["stride": 4])),
      ("padding", convolution("conv_transpose2d", [4, 1, 1, 1], ["padding": 2])),
      ("padding", convolution("conv_transpose2d", [4, 0, 1, 1])),
      ("output_padding", convolution("conv_transpose2d", [4, 1, 2, 2], ["output_padding": 1])),
      (
        "output_padding",
        convolution("conv_transpose2d", [4, 1, 2, 2], ["output_padding": 2, "stride": 2])
      ),
    ] {
      #expect(error?.kind == .unprocessable, "\(field)")
      #expect(error?.fields.first?.pointer == "/layers/0/\(field)", "\(error?.description ?? "")")
    }
  }
}
