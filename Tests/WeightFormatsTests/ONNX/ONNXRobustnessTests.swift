import Networks
import Testing
import WeightFormats

/// Damaged files and absurd claims are refused without a crash, and within the limits.
@Suite struct ONNXRobustnessTests {
  typealias Model = ONNXModel

  private let bytes = ONNXRefusalTests.small.bytes

  /// Reads a file that may be anything, and builds what it describes; any error will do.
  private func survive(_ bytes: [UInt8]) {
    guard let file = try? WeightFormats.read(MemoryBytes(bytes)),
      let architecture = file.architecture
    else { return }
    #expect(file.tensors.values.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    _ = try? Generator(architecture: architecture, tensors: file.tensors)
  }

  @Test func everyTruncationIsRefused() {
    for count in bytes.indices {
      let source = MemoryBytes(Array(bytes[..<count]))
      #expect(throws: WeightFormatError.self, "\(count)") { try WeightFormats.read(source) }
      #expect(throws: WeightFormatError.self, "\(count)") { try WeightFormats.summary(of: source) }
    }
  }

  @Test func everyCorruptedByteIsSurvived() {
    for place in bytes.indices {
      for change in [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF] as [UInt8] {
        var copy = bytes
        copy[place] ^= change
        survive(copy)
      }
    }
  }

  /// A condition with one value to choose from, which once ended the process; found by fuzzing.
  @Test func operatorsWithTooFewInputsAreRefused() throws {
    let file = try FileBytes(path: WeightFixture("found/where-of-two.onnx").path)
    let error = #expect(throws: WeightFormatError.self) { try WeightFormats.read(file) }
    #expect(error?.message.contains("has 2 inputs; its operator takes 3") == true)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func randomDamageIsSurvived(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let names = [
      "viewed.legacy-11", "unflattened.legacy-17-fixed", "folded.legacy-13", "cropped.legacy-11",
      "smooth.legacy-9", "gated.dynamo-18-fixed", "resized.legacy-11", "dense.legacy-9-fixed3",
      "permuted.dynamo-21", "shuffled.legacy-9", "scaled.legacy-11", "audio.legacy-11",
    ]
    let originals = try names.map { name in
      let source = try FileBytes(path: "\(ONNXExportTests.fixtures)/\(name).onnx")
      return try source.read(at: 0, count: source.byteCount)
    }
    for original in originals {
      for _ in 0..<500 {
        var copy = original
        for _ in 0...random.next() % 4 {
          let place = Int.random(in: copy.indices, using: &random)
          switch random.next() % 4 {
          case 0: copy.remove(at: place)
          case 1: copy.insert(UInt8.random(in: 0...255, using: &random), at: place)
          default: copy[place] = UInt8.random(in: 0...255, using: &random)
          }
        }
        survive(copy)
      }
    }
  }

  @Test func everyLimitOnBothSides() throws {
    let model = ONNXRefusalTests.small
    let header = headerBytes(of: model)
    let exact = WeightLimits(
      bytesMax: bytes.count, headerBytesMax: header, tensorsMax: 2, elementsMax: 8,
      dimensionsMax: 2, nameBytesMax: 1, nodesMax: 2)
    let names: [(String, WritableKeyPath<WeightLimits, Int>)] = [
      ("bytesMax", \.bytesMax), ("headerBytesMax", \.headerBytesMax),
      ("tensorsMax", \.tensorsMax), ("elementsMax", \.elementsMax),
      ("dimensionsMax", \.dimensionsMax), ("nameBytesMax", \.nameBytesMax),
      ("nodesMax", \.nodesMax),
    ]
    #expect(try model.read(exact).tensors.count == 2)
    for (name, path) in names {
      var less = exact
      less[keyPath: path] -= 1
      let error = refusal { _ = try model.read(less) }
      #expect(
        refusal { _ = try WeightFormats.summary(of: MemoryBytes(bytes), limits: less) } == error)
      guard case .limit(name, _, let value, let limit) = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(value > limit && limit == less[keyPath: path])
    }
  }

  /// All but the values, and the tags and lengths of the graph and of each tensor.
  private func headerBytes(of model: Model) -> Int {
    var small = model
    small.initializers = []
    let framing = ProtobufWriter.message { $0.content(7, small.graph) }.count - small.graph.count
    // w: two dimensions, type, name; b: one dimension, type, name.
    return small.bytes.count - framing + (2 + 2 + 2 + 3) + (2 + 2 + 3)
  }

  /// The same weight for many layers would be many times the file.
  @Test func sharedWeightsCount() throws {
    var model = Model()
    model.initializers = [Model.floats("w", [3, 3], [Float](repeating: 0, count: 9))]
    model.nodes = (0..<10).map {
      Model.node("Gemm", [$0 == 0 ? "z" : "y\($0)", "w"], ["y\($0 + 1)"])
    }
    model.outputs = [Model.value("y10", nil)]
    #expect(try model.read(WeightLimits(elementsMax: 90)).tensors.count == 10)
    guard
      case .limit("elementsMax", _, 90, 89) = refusal(of: {
        _ = try model.read(WeightLimits(elementsMax: 89))
      })
    else {
      Issue.record("accepted")
      return
    }
  }

  @Test func endlessRearrangingIsRefused() {
    var model = Model()
    model.initializers = [Model.floats("w0", [1, 3], [1, 2, 3])]
    model.nodes = (0..<9).map { Model.node("Transpose", ["w\($0)"], ["w\($0 + 1)"]) }
    model.nodes.append(Model.node("Gemm", ["z", "w9"]))
    let message = refusal { _ = try model.read() }?.message ?? "accepted"
    #expect(message.contains("rearranged more than"), "\(message)")
  }

  @Test func listsInNodesAreBounded() throws {
    for (count, isAccepted) in [(256, true), (257, false)] {
      var model = ONNXRefusalTests.small
      let optional = [String](repeating: "", count: count - 1)
      model.nodes[1] = Model.node("Relu", ["y"] + optional)
      #expect((refusal { _ = try model.read() } == nil) == isAccepted)
    }
  }

  /// Messages nested far deeper than a model's, in fields that are read and in others.
  @Test func deepNestingIsSurvived() {
    for field in [1, 5, 6, 12] {
      var message: [UInt8] = []
      for _ in 0..<2000 {
        let inner = message
        message = ProtobufWriter.message { $0.content(field, inner) }
      }
      var model = ONNXRefusalTests.small
      model.nodes[1] = message
      survive(model.bytes)
      var groups = ONNXRefusalTests.small
      groups.nodes[1] += [UInt8](repeating: UInt8(field << 3 | 3), count: 100_000)
      #expect(throws: WeightFormatError.self) { try groups.read() }
    }
  }

  @Test func recognition() {
    let format = ONNX()
    func recognises(_ bytes: [UInt8]) -> Bool {
      format.recognises(
        head: Array(bytes.prefix(WeightFormats.headBytes)), byteCount: bytes.count)
    }
    #expect(recognises(bytes))
    // Without a producer; with a long description; with a model version.
    let graph = ProtobufWriter.message { $0.content(7, ONNXRefusalTests.small.graph) }
    #expect(recognises([8, 7] + graph))
    let described = ProtobufWriter.message { $0.string(6, String(repeating: "long ", count: 99)) }
    #expect(recognises([8, 7] + described + graph))
    #expect(recognises([8, 7, 0x28, 0] + graph))
    let others: [[UInt8]] = [
      [], [8], [8, 7], Array("PK\u{3}\u{4}".utf8) + [0, 0, 0, 0], [0x80, 2, 0x8A, 0x0A],
      [0x93] + Array("NUMPY".utf8) + [1, 0], [8, 0x12, 0, 0, 0, 0, 0, 0, 0x7B],
      [8, 9, 0x12, 0, 0, 0, 0, 0, 0x7B], [8, 9, 0x12, 7, 0, 0, 0, 0, 0x7B, 0x22, 0x22],
      Safetensors.write(tensors: ["w": Tensor(shape: [1], values: [1])]),
      [0x0A, 0x04] + Array("text".utf8), [8, 99, 0x3A, 0],
    ]
    for bytes in others { #expect(!recognises(bytes), "\(bytes.prefix(12))") }
    #expect(!Safetensors().recognises(head: Array(bytes.prefix(64)), byteCount: bytes.count))
  }
}
