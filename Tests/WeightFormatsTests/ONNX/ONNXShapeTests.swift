import Documents
import Networks
import Testing
import WeightFormats

/// Nodes that only shape, pass on, or compute shapes: they leave no layer behind but a `reshape`
/// where one is needed.
@Suite struct ONNXShapeTests {
  typealias Model = ONNXModel

  private func outputShape(_ model: Model) throws -> JSONValue? {
    try model.read().architecture?.object?["output"]?.object?["shape"]
  }

  /// A model with twelve latents whose shape the nodes change from `y` to `x`.
  private func model(
    opset: Int = 17, batch: Int? = nil, _ nodes: [[UInt8]], _ constants: [[UInt8]] = []
  ) -> Model {
    var model = Model()
    model.opsets = [("", opset)]
    model.inputs = [Model.value("z", [batch, 12])]
    model.initializers = constants
    model.nodes = [Model.node("Relu", ["z"], ["y"])] + nodes
    return model
  }

  @Test func reshaping() throws {
    let shapes: [([Int], Int, JSONValue)] = [
      ([1, 3, 4], 0, [3, 4]), ([-1, 3, 4], 0, [3, 4]), ([0, 2, -1], 0, [2, 6]),
      ([1, 0], 0, [12]), ([-1, 12], 1, [12]), ([3, 4], 0, [3, 4]), ([-1], 0, [12]),
      ([1, 1, 12], 0, [1, 12]),
    ]
    for (asked, allowzero, expected) in shapes {
      let model = model(
        [Model.node("Reshape", ["y", "s"], ["x"], [("allowzero", .int(allowzero))])],
        [Model.integers("s", [asked.count], asked)])
      #expect(try outputShape(model) == expected, "\(asked)")
      #expect(
        try model.outputs(for: [(0..<12).map(Float.init)]) == [(0..<12).map(Float.init)])
    }
  }

  @Test func flatteningSqueezingTransposing() throws {
    let constants = [
      Model.integers("s", [5], [1, 3, 1, 4, 1]), Model.integers("two", [1], [2]),
      Model.integers("last", [1], [-1]), Model.integers("both", [2], [2, -1]),
    ]
    let reshape = Model.node("Reshape", ["y", "s"], ["r"])
    let cases: [(Int, [UInt8], JSONValue)] = [
      (17, Model.node("Flatten", ["r"]), [12]),
      (17, Model.node("Flatten", ["r"], ["x"], [("axis", .int(-2))]), [3, 4]),
      (17, Model.node("Squeeze", ["r"]), [3, 4]),
      (17, Model.node("Squeeze", ["r", "two"]), [3, 4, 1]),
      (17, Model.node("Squeeze", ["r", "both"]), [3, 4]),
      (11, Model.node("Squeeze", ["r"], ["x"], [("axes", .ints([4]))]), [3, 1, 4]),
      (17, Model.node("Unsqueeze", ["r", "last"]), [3, 1, 4, 1, 1]),
      (11, Model.node("Unsqueeze", ["r"], ["x"], [("axes", .ints([1, 2]))]), [1, 1, 3, 1, 4, 1]),
      (
        17, Model.node("Transpose", ["r"], ["x"], [("perm", .ints([0, 2, 1, 4, 3]))]), [1, 3, 1, 4]
      ),
    ]
    for (opset, node, expected) in cases {
      #expect(try outputShape(model(opset: opset, [reshape, node], constants)) == expected)
    }
  }

  /// `x.view(x.size(0), 3, -1)` as exporters write it, also with a fixed batch of four.
  @Test(arguments: [nil, 1, 4] as [Int?])
  func shapesThatAreComputed(batch: Int?) throws {
    let model = model(
      batch: batch,
      [
        Model.node("Shape", ["y"], ["shape"]), Model.node("Gather", ["shape", "zero"], ["n"]),
        Model.node("Unsqueeze", ["n", "zeros"], ["ns"]),
        Model.node("Constant", [], ["three"], [("value", .tensor(Model.integers("", [1], [3])))]),
        Model.node("Constant", [], ["open"], [("value_ints", .ints([-1]))]),
        Model.node("Concat", ["ns", "three", "open"], ["s"], [("axis", .int(0))]),
        Model.node("Cast", ["s"], ["t"], [("to", .int(7))]),
        Model.node("Identity", ["t"], ["i"]), Model.node("Reshape", ["y", "i"]),
      ], [Model.integers("zero", [], [0]), Model.integers("zeros", [1], [0])])
    #expect(try outputShape(model) == [3, 4])
  }

  @Test func slicesAndFills() throws {
    // Of [5, 6, 7, 8].
    let slices: [([Int], [Int])] = [
      ([1, 3, 0, 1], [6, 7]), ([-2, .max, 0, 1], [7, 8]), ([3, .min, 0, -2], [8, 6]),
      ([0, 4, -1, 3], [5, 8]), ([2, 1, 0, 1], []), ([.min, .max, 0, .max], [5]),
      ([-1, -3, 0, -1], [8, 7]),
    ]
    for (numbers, expected) in slices {
      let model = model(
        [
          Model.node("Slice", ["l", "n0", "n1", "n2", "n3"], ["s"]),
          Model.node("Concat", ["one", "s"], ["t"], [("axis", .int(0))]),
          Model.node("ConstantOfShape", ["three"], ["f"], [("value", .tensor(Self.two))]),
          Model.node("Concat", ["f", "t"], ["shape"], [("axis", .int(-1))]),
          Model.node("Reshape", ["y", "shape"]),
        ],
        [
          Model.integers("l", [4], [5, 6, 7, 8]), Model.integers("one", [1], [1]),
          Model.integers("three", [1], [3]),
        ] + numbers.enumerated().map { Model.integers("n\($0)", [1], [$1]) })
      let error = try #require(refusal { _ = try model.read() })
      let shape = ([2, 2, 2, 1] + expected).map(String.init).joined(separator: ", ")
      #expect(error.message.contains("the shape [\(shape)]"), "\(numbers): \(error.message)")
    }
    let old = model(
      opset: 9,
      [
        Model.node(
          "Slice", ["l"], ["s"],
          [("starts", .ints([1])), ("ends", .ints([3])), ("axes", .ints([0]))]),
        Model.node("Reshape", ["y", "s"]),
      ], [Model.integers("l", [4], [9, 1, 12, 9])])
    #expect(try outputShape(old) == [12])
  }

  private static let two = Model.integers("", [1], [2])

  @Test func integerArithmetic() throws {
    let cases: [(String, [Int], [Int], [(String, Model.Attribute)], [Int]?)] = [
      ("Add", [1, 2], [10, 20], [], [11, 22]), ("Sub", [1, 2], [3], [], [-2, -1]),
      ("Mul", [3], [4, -5], [], [12, -15]), ("Div", [7, -7], [2], [], [3, -3]),
      ("Mod", [7, -7], [3], [], [1, 2]), ("Mod", [7, -7], [-3], [], [-2, -1]),
      ("Mod", [7, -7], [4], [("fmod", .int(1))], [3, -3]), ("Div", [7], [0], [], nil),
      ("Mod", [7], [0], [], nil), ("Div", [.min], [-1], [], nil), ("Mod", [.min], [-1], [], nil),
      ("Mul", [.max], [2], [], nil), ("Add", [.max], [1], [], nil), ("Sub", [.min], [1], [], nil),
      ("Equal", [4, 4], [4], [], [1, 1]), ("Add", [1, 2], [1, 2, 3], [], nil),
      ("Mod", [.min], [.max], [], [.max - 1]),
    ]
    for (op, a, b, attributes, expected) in cases {
      let model = model(
        [
          Model.node(op, ["a", "b"], ["s"], attributes), Model.node("Reshape", ["y", "s"]),
        ], [Model.integers("a", [a.count], a), Model.integers("b", [b.count], b)])
      let message = refusal { _ = try model.read() }?.message ?? "accepted"
      let word = expected.map { "the shape \($0)" } ?? "(\(op))"
      #expect(message.contains(word), "\(op) \(a) \(b): \(message)")
    }
    let signal = model([Model.node("Mul", ["y", "a"])], [Model.integers("a", [], [2])])
    #expect(refusal { _ = try signal.read() }?.message.contains("expected floats") == true)
  }

  /// Dropout, casts and identities change nothing, at either end and on weights.
  @Test func passingOn() throws {
    var model = Model()
    model.initializers = [
      Model.floats("w", [2, 3], [1, 2, 3, 4, 5, 6]), Model.tensor("no", [], type: 9, raw: [0]),
      Model.tensor("ratio", [], type: 1, raw: littleEndian(Float(0.5).bitPattern)),
    ]
    model.nodes = [
      Model.node("Identity", ["z"], ["a"]),
      Model.node("Dropout", ["a", "ratio", "no"], ["b", "mask"]),
      Model.node("Cast", ["w"], ["w1"], [("to", .int(11))]),
      Model.node("Transpose", ["w1"], ["w2"]), Model.node("Identity", ["w2"], ["w3"]),
      Model.node("MatMul", ["b", "w3"], ["c"]), Model.node("Cast", ["c"], ["x"], [("to", .int(1))]),
    ]
    #expect(try model.outputs(for: [[1, 1, 1]]) == [[6, 15]])
    #expect(try model.read().architecture?.object?["layers"]?.elements?.count == 1)
  }

  /// What the output does not need may be anything, and a value may be used twice.
  @Test func deadBranchesAreLeftOut() throws {
    var model = Model()
    model.initializers = [Model.floats("w", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])]
    model.nodes = [
      Model.node("Gemm", ["z", "w"], ["a"]), Model.node("NonZero", ["a"], ["dead"]),
      Model.node("Tanh", ["a"], ["unused"]), Model.node("Gemm", ["a", "w"], ["b"]),
      Model.node("Relu", ["b"]),
    ]
    let file = try model.read()
    let layers = try #require(file.architecture?.object?["layers"]?.elements)
    #expect(layers.map { $0.object?["type"] } == ["linear", "linear", "relu"])
    // A document names a tensor once, also one that the file uses twice.
    #expect(file.tensors.keys.sorted() == ["w", "w#2"])
    #expect(try model.outputs(for: [[1, -2, 3]]) == [[1, 0, 3]])
  }

  /// The list that holds the values of each element type, packed and not.
  @Test func typedData() throws {
    func tensor(_ type: Int, _ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
      ProtobufWriter.message { tensor in
        tensor.int(1, 1)
        tensor.int(1, 3)
        tensor.int(2, type)
        tensor.string(8, "w")
        write(&tensor)
      }
    }
    let numbers: [Float] = [1, -2, 0.5]
    let packed = ProtobufWriter.message {
      for bits in [0x3C00, 0xC000, 0x3800] as [UInt64] { $0.varint(bits) }
    }
    let tensors = [
      tensor(1) { for number in numbers { $0.float(4, number) } },
      tensor(1) { $0.content(4, numbers.flatMap { littleEndian($0.bitPattern) }) },
      tensor(11) { $0.content(10, numbers.flatMap { littleEndian(Double($0).bitPattern) }) },
      tensor(10) { $0.content(5, packed) },
      tensor(10) { for bits in [0x3C00, 0xC000, 0x3800] { $0.int(5, bits) } },
      tensor(16) { for bits in [0x3F80, 0xC000, 0x3F00] { $0.int(5, bits) } },
      tensor(10) { $0.content(9, [0x00, 0x3C, 0x00, 0xC0, 0x00, 0x38]) },
    ]
    for (place, bytes) in tensors.enumerated() {
      var model = Model()
      model.initializers = [bytes]
      model.nodes = [Model.node("Gemm", ["z", "w"], ["x"], [("transB", .int(1))])]
      #expect(try model.outputs(for: [[1, 1, 2]]) == [[0]], "\(place)")
      model.initializers = []
      model.nodes.insert(Model.node("Constant", [], ["w"], [("value", .tensor(bytes))]), at: 0)
      #expect(try model.outputs(for: [[1, 1, 2]]) == [[0]], "\(place), in the graph")
    }
  }
}
