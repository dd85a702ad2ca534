import Documents
import Networks
import Testing
import WeightFormats

/// Graphs whose signals are used several times, and how the layers of the document name each other.
@Suite struct ONNXGraphTests {
  typealias Model = ONNXModel

  private static let identity = Model.floats("w", [3, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1])

  private func model(_ nodes: [[UInt8]], _ constants: [[UInt8]] = []) -> Model {
    var model = Model()
    model.initializers = [Self.identity] + constants
    model.nodes = nodes
    return model
  }

  private func layers(_ model: Model) throws -> [JSONObject] {
    try #require(model.read().architecture?.object?["layers"]?.elements).compactMap(\.object)
  }

  /// As plain as documents were before layers had names.
  @Test func chainsHaveNoNames() throws {
    let layers = try layers(ONNXRefusalTests.small)
    #expect(
      layers == [["type": "linear", "weight": "w", "bias": "b"], ["type": "relu"]])
  }

  @Test func residuals() throws {
    let model = model([
      Model.node("Gemm", ["z", "w"], ["a"]), Model.node("Relu", ["a"], ["b"]),
      Model.node("Add", ["a", "b"], ["c"]), Model.node("Sum", ["c", "z", "c"], ["d"]),
      Model.node("Tanh", ["d"], ["x"]),
    ])
    #expect(
      try layers(model) == [
        ["type": "linear", "weight": "w", "bias": .null, "name": "a"],
        ["type": "relu", "name": "b"],
        ["type": "add", "name": "c", "from": ["a", "b"]],
        ["type": "add", "from": ["c", "latent", "c"]], ["type": "tanh"],
      ])
    let z: [Float] = [0.25, -0.5, 0.125]
    let expected = z.map { naiveTanh($0 + 2 * ($0 + max($0, 0))) }
    let found = try model.outputs(for: [z])[0]
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 1e-6 })
  }

  /// A layer that takes what an earlier one gives says so, also a single input.
  @Test func joinsAndSingleInputs() throws {
    let model = model([
      Model.node("Relu", ["z"], ["latent"]), Model.node("Gemm", ["z", "w"], ["b"]),
      Model.node("Tanh", ["latent"], ["c"]),
      Model.node("Concat", ["c", "b", "latent"], ["x"], [("axis", .int(-1))]),
    ])
    #expect(
      try layers(model) == [
        ["type": "relu", "name": "latent#2"],
        ["type": "linear", "weight": "w", "bias": .null, "name": "b", "from": "latent"],
        ["type": "tanh", "name": "c", "from": "latent#2"],
        ["type": "concat", "dim": 0, "from": ["c", "b", "latent#2"]],
      ])
    let found = try model.outputs(for: [[1, -2, 0]])[0]
    #expect(abs(found[0] - naiveTanh(1)) <= 1e-6 && found[1...] == [0, 0, 1, -2, 0, 1, 0, 0])
  }

  /// A bias goes to the layer before, and a copy of the layer without it stays for who else asks.
  @Test func biasesBesideOtherUses() throws {
    let model = model(
      [
        Model.node("MatMul", ["z", "w"], ["a"]), Model.node("Add", ["a", "b"], ["c"]),
        Model.node("Add", ["a", "c"], ["x"]),
      ], [Model.floats("b", [3], [1, 2, 3])])
    #expect(try layers(model).map { $0["type"] } == ["linear", "linear", "add"])
    #expect(try model.outputs(for: [[1, 1, 1]]) == [[3, 4, 5]])
  }

  /// Constants before the first layer and behind an activation, by the rules of broadcasting.
  @Test func scalingLayers() throws {
    let constants = [
      Model.floats("two", [], [2]), Model.floats("row", [3], [1, 2, 4]),
      Model.floats("one", [1, 1], [1]),
    ]
    let cases: [([[UInt8]], [Float], Int)] = [
      ([Model.node("Mul", ["two", "z"])], [2, -4, 1], 1),
      ([Model.node("Mul", ["z", "row"])], [1, -4, 2], 1),
      ([Model.node("Add", ["row", "z"])], [2, 0, 4.5], 1),
      ([Model.node("Sub", ["row", "z"])], [0, 4, 3.5], 1),
      ([Model.node("Sub", ["z", "row"])], [0, -4, -3.5], 1),
      ([Model.node("Div", ["z", "row"])], [1, -1, 0.125], 1),
      ([Model.node("Neg", ["z"])], [-1, 2, -0.5], 1),
      // Numbers are taken into the layer before: ((2 row z - 1) / 2 + 1) row.
      (
        [
          Model.node("Mul", ["z", "row"], ["a"]), Model.node("Mul", ["a", "two"], ["b"]),
          Model.node("Sub", ["b", "one"], ["c"]), Model.node("Div", ["c", "two"], ["d"]),
          Model.node("Add", ["d", "one"], ["e"]), Model.node("Mul", ["e", "row"], ["x"]),
        ], [1.5, -7, 10], 2
      ),
      // Neither does anything.
      (
        [
          Model.node("Relu", ["z"], ["a"]), Model.node("Mul", ["a", "one"], ["b"]),
          Model.node("Sub", ["b", "zero"], ["x"]),
        ], [1, 0, 0.5], 1
      ),
    ]
    for (nodes, expected, count) in cases {
      let model = model(nodes, constants + [Model.floats("zero", [1], [0])])
      #expect(try model.outputs(for: [[1, -2, 0.5]]) == [expected])
      #expect(try layers(model).count == count, "\(expected)")
    }
    let batch = model(
      [Model.node("Add", ["z", "column"])], [Model.floats("column", [2, 1], [1, 2])])
    #expect(refusal { _ = try batch.read() }?.message.contains("beside the shape") == true)
    var fixed = batch
    fixed.inputs = [Model.value("z", [2, 3])]
    #expect(
      refusal { _ = try fixed.read() }?.message.contains("differs from sample to sample") == true)
    let infinite = model(
      [Model.node("Div", ["z", "zero"])], [Model.floats("zero", [3], [1, 0, 1])])
    #expect(refusal { _ = try infinite.read() }?.message.contains("is not finite") == true)
  }

  /// Linear layers take a change of their outputs' order into their weights.
  @Test func transposesBehindALinearLayer() throws {
    let model = model(
      [
        Model.node("Gemm", ["z", "v", "b"], ["a"]), Model.node("Reshape", ["a", "s"], ["r"]),
        Model.node("Transpose", ["r"], ["x"], [("perm", .ints([0, 2, 1]))]),
      ],
      [
        Model.floats("v", [3, 6], (0..<18).map(Float.init)),
        Model.floats("b", [6], [0, 10, 20, 30, 40, 50]), Model.integers("s", [3], [0, 2, 3]),
      ])
    #expect(try layers(model).map { $0["type"] } == ["linear", "reshape"])
    #expect(try model.outputs(for: [[1, 0, 0]]) == [[0, 33, 11, 44, 22, 55]])
  }

  /// What is written out as several nodes is one layer, whatever the order; a part alone is refused.
  @Test func activationsInParts() throws {
    let constants = [
      Model.floats("one", [], [1]), Model.floats("half", [], [0.5]),
      Model.floats("root", [], [Float(2).squareRoot()]), Model.floats("1.702", [], [1.702]),
    ]
    let silu = [Model.node("Sigmoid", ["z"], ["a"]), Model.node("Mul", ["a", "z"])]
    let gelu = [
      Model.node("Mul", ["half", "z"], ["a"]), Model.node("Div", ["z", "root"], ["b"]),
      Model.node("Erf", ["b"], ["c"]), Model.node("Add", ["one", "c"], ["d"]),
      Model.node("Mul", ["d", "a"]),
    ]
    let softplus = [
      Model.node("Exp", ["z"], ["a"]), Model.node("Add", ["a", "one"], ["b"]),
      Model.node("Log", ["b"]),
    ]
    let sigmoid = [
      Model.node("Neg", ["z"], ["a"]), Model.node("Exp", ["a"], ["b"]),
      Model.node("Add", ["b", "one"], ["c"]), Model.node("Reciprocal", ["c"]),
    ]
    for (nodes, type) in [
      (silu, "silu"), (gelu, "gelu"), (softplus, "softplus"), (sigmoid, "sigmoid"),
    ] {
      #expect(try layers(model(nodes, constants)) == [["type": .string(type)]])
    }
    let parts: [([[UInt8]], String)] = [
      (Array(gelu.dropLast()) + [Model.node("Identity", ["d"])], "(Erf)"),
      (Array(softplus.dropLast()) + [Model.node("Relu", ["b"])], "(Exp)"),
      // Nearly GELU, but not.
      (
        [
          Model.node("Mul", ["z", "1.702"], ["a"]), Model.node("Sigmoid", ["a"], ["b"]),
          Model.node("Mul", ["z", "b"]),
        ], "(Mul)"
      ),
      ([Model.node("Relu", ["z"], ["a"]), Model.node("Mul", ["a", "z"])], "(Mul)"),
      ([Model.node("Pow", ["z", "root"])], "(Pow)"),
      ([Model.node("Mul", ["z", "z"], ["a"]), Model.node("Gemm", ["a", "w"])], "(Mul)"),
    ]
    for (nodes, word) in parts {
      let message = refusal { _ = try model(nodes, constants).read() }?.message ?? "accepted"
      #expect(message.contains("\(word) computes what is no layer"), "\(message)")
      #expect(message.contains("Gemm, MatMul"), "\(message)")
    }
  }
}
