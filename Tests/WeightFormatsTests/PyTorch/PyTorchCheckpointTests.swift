import Documents
import Networks
import Testing
import WeightFormats

/// Checkpoints as PyTorch writes them give its tensors, and under the names that lead to them.
@Suite struct PyTorchCheckpointTests {
  @Test(arguments: [
    "flat", "flat-protocol5", "half", "bfloat16", "double", "repacked", "big-endian",
    "legacy-protocol4",
  ])
  func stateDictionariesAreRead(name: String) throws {
    let fixture = WeightFixture("\(name).pt")
    let file = try fixture.read()
    #expect(file.format == "pytorch" && file.mayHoldMore && file.architecture == nil)
    #expect(file.states == [.init(name: ".", tensors: WeightFixture.perceptron())])
    let summary = try fixture.summary()
    #expect(summary.states.map(\.name) == ["."])
    #expect(summary.tensors.map(\.name) == ["0.weight", "0.bias", "2.weight", "2.bias"])
    #expect(summary.tensors.allSatisfy { file.tensors[$0.name]?.shape == $0.shape })
    let type: ElementType =
      switch name {
      case "half": .float16
      case "bfloat16": .bfloat16
      case "double": .float64
      default: .float32
      }
    #expect(summary.tensors.allSatisfy { $0.elementType == type })
  }

  @Test(arguments: ["nested", "legacy"])
  func nestedStatesAreNamedByTheirKeys(name: String) throws {
    let file = try WeightFixture("\(name).pt").read()
    let states = Dictionary(uniqueKeysWithValues: file.states.map { ($0.name, $0.tensors) })
    #expect(states["netG_state_dict"] == WeightFixture.perceptron())
    #expect(states["netD_state_dict"] == WeightFixture.perceptron(outputs: 1))
    #expect(states["parts.0.encoder"] == ["weight": WeightFixture.tensor("weight", [2, 2])])
    #expect(states["optimizer.state.0"]?["exp_avg"]?.shape == [4, 3])
    #expect(states.count == 3 + 4)
    #expect(
      try WeightFixture("\(name).pt").summary().states.map(\.name) == file.states.map(\.name))
    #expect(file.states[0].name == "netG_state_dict")
  }

  @Test func parametersAreTheirTensors() throws {
    let file = try WeightFixture("parameters.pt").read()
    #expect(file.states == [.init(name: "state_dict", tensors: WeightFixture.perceptron())])
  }

  /// Views of one storage, with their own offsets, orders and steps.
  @Test(arguments: ["views.pt", "legacy-views.pt"])
  func viewsAreFollowed(name: String) throws {
    let tensors = try WeightFixture(name).read().tensors
    func base(_ row: Int, _ column: Int) -> Float {
      WeightFixture.value("base", row * 6 + column)
    }
    func expect(_ name: String, _ shape: [Int], _ value: ([Int]) -> Float) {
      var values: [Float] = []
      var index = [Int](repeating: 0, count: shape.count)
      for _ in 0..<shape.reduce(1, *) {
        values.append(value(index))
        for axis in shape.indices.reversed() {
          index[axis] += 1
          if index[axis] < shape[axis] { break }
          index[axis] = 0
        }
      }
      #expect(tensors[name] == Tensor(shape: shape, values: values), "\(name)")
    }
    expect("base", [4, 6]) { base($0[0], $0[1]) }
    expect("transposed", [6, 4]) { base($0[1], $0[0]) }
    expect("slice", [2, 3]) { base($0[0] + 1, $0[1] + 2) }
    expect("steps", [2, 2]) { base(2 * $0[0], 3 * $0[1]) }
    expect("column", [4]) { base($0[0], 1) }
    expect("cube", [4, 2, 3]) { WeightFixture.value("cube", $0[1] * 12 + $0[2] * 4 + $0[0]) }
    expect("scalar", []) { _ in base(2, 3) }
    expect("empty", [0, 6]) { _ in 0 }
    expect("long", [2, 3]) { Float($0[0] * 3 + $0[1]) }
    expect("bytes", [5]) { Float($0[0]) }
    expect("flags", [2]) { Float(1 - $0[0]) }
    expect("shorts", [5]) { Float(1 - $0[0]) }
    if name == "views.pt" { expect("unsigned", [3]) { [1, 2, 65535][$0[0]] } }
    #expect(tensors.count == (name == "views.pt" ? 13 : 12))
  }

  @Test func whatIsNoStateDictionaryIsRefused() {
    let reasons = [
      "module.pt": "torch.nn.modules.container Sequential",
      "complex.pt": "torch ComplexFloatStorage",
      "expanded.pt": "contiguous",
    ]
    for (name, reason) in reasons {
      let error = refusal { _ = try WeightFixture(name).read() }
      guard case .unsupported("pytorch", let detail) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(detail.contains(reason), "\(name): \(detail)")
    }
  }

  /// The files of their authors hold the same weights as those that were converted for the tests.
  @Test(
    .enabled(if: SharedGenerators.folder != nil), arguments: ["checkpoint.pth", "checkpoint.tar"])
  func theRealCheckpointsHoldTheSameWeights(name: String) throws {
    let paths = SharedGenerators.files(named: name)
    #expect(!paths.isEmpty)
    for path in paths {
      let folder = path.dropLast(name.count)
      let source = try FileBytes(path: folder + "architecture.json")
      let architecture = try JSONParser().parse(try source.read(at: 0, count: source.byteCount))
      let checkpoint = try FileBytes(path: path)
      let loaded = try WeightFormats.generator(in: checkpoint, architecture: architecture)
      let tensors = try WeightFormats.tensors(in: checkpoint, of: loaded.architecture)
      let expected = try WeightFormats.tensors(
        in: try FileBytes(path: folder + "weights.safetensors"), of: architecture)
      #expect(tensors == expected, "\(path)")
      #expect(!tensors.isEmpty)
    }
  }
}
