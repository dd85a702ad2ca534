import Documents
import Networks
import Testing
import WeightFormats

/// Every form of every operator on tiny models, against numbers worked out plainly.
@Suite struct ONNXOperatorTests {
  typealias Model = ONNXModel

  private let latents: [[Float]] = [[1, -2, 0.5], [0, 3, -1], [-1, -1, 2]]
  /// Two rows of three.
  private let matrix: [Float] = [1, 2, 3, -4, 5, -6]
  private let transposed: [Float] = [1, -4, 2, 5, 3, -6]

  private func product(_ z: [Float], _ alpha: Float = 1, _ bias: [Float] = [0, 0]) -> [Float] {
    (0..<2).map { row in
      alpha * (0..<3).reduce(0) { $0 + matrix[row * 3 + $1] * z[$1] } + bias[row]
    }
  }

  private func close(_ found: [[Float]], _ expected: [[Float]]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { a, b in
        a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }
      }
  }

  @Test(arguments: [0, 1], [0, 1])
  func gemmWithTheWeightBehind(transA: Int, transB: Int) throws {
    var model = Model()
    model.initializers = [
      transB == 1 ? Model.floats("w", [2, 3], matrix) : Model.floats("w", [3, 2], transposed),
      Model.floats("c", [1, 2], [10, -20]), Model.integers("column", [2], [3, 1]),
    ]
    let attributes: [(String, Model.Attribute)] = [
      ("alpha", .float(2)), ("beta", .float(0.5)), ("transA", .int(transA)),
      ("transB", .int(transB)),
    ]
    model.nodes = [
      Model.node("Reshape", ["z", "column"], ["t"]),
      Model.node("Gemm", [transA == 1 ? "t" : "z", "w", "c"], ["x"], attributes),
    ]
    let expected = latents.map { product($0, 2, [5, -10]) }
    #expect(close(try model.outputs(for: latents), expected))
  }

  @Test(arguments: [0, 1], [0, 1])
  func gemmWithTheWeightInFront(transA: Int, transB: Int) throws {
    var model = Model()
    model.initializers = [
      transA == 0 ? Model.floats("w", [2, 3], matrix) : Model.floats("w", [3, 2], transposed),
      Model.floats("c", [2, 1], [10, -20]), Model.integers("column", [2], [3, 1]),
    ]
    model.nodes = [
      Model.node("Reshape", ["z", "column"], ["t"]),
      Model.node(
        "Gemm", ["w", transB == 1 ? "z" : "t", "c"], ["x"],
        [("transA", .int(transA)), ("transB", .int(transB))]),
    ]
    let expected = latents.map { product($0, 1, [10, -20]) }
    #expect(close(try model.outputs(for: latents), expected))
  }

  /// One number stands for all; a factor of 0 for none.
  @Test func gemmSpreadsItsBias() throws {
    for (beta, shape, bias) in [(1, [1], 7), (1, [], 7), (0, [2], 0)] as [(Float, [Int], Float)] {
      var model = Model()
      model.initializers = [
        Model.floats("w", [2, 3], matrix),
        Model.floats("c", shape, [Float](repeating: 7, count: shape.reduce(1, *))),
      ]
      model.nodes = [
        Model.node("Gemm", ["z", "w", "c"], ["x"], [("transB", .int(1)), ("beta", .float(beta))])
      ]
      let expected = latents.map { product($0, 1, [bias, bias]) }
      #expect(close(try model.outputs(for: latents), expected), "\(beta), \(shape)")
    }
  }

  @Test(arguments: [true, false])
  func matrixProductsAndTheirBias(biasIsFirst: Bool) throws {
    var behind = Model()
    behind.initializers = [
      Model.floats("w", [3, 2], transposed), Model.floats("b", [2], [1, -1]),
    ]
    behind.nodes = [
      Model.node("MatMul", ["z", "w"], ["y"]),
      Model.node("Add", biasIsFirst ? ["b", "y"] : ["y", "b"]),
    ]
    let expected = latents.map { product($0, 1, [1, -1]) }
    #expect(close(try behind.outputs(for: latents), expected))

    var inFront = Model()
    inFront.initializers = [
      Model.floats("w", [2, 3], matrix), Model.floats("b", [2, 1], [1, -1]),
      Model.integers("axes", [1], [2]),
    ]
    inFront.nodes = [
      Model.node("Unsqueeze", ["z", "axes"], ["u"]), Model.node("MatMul", ["w", "u"], ["y"]),
      Model.node("Add", biasIsFirst ? ["b", "y"] : ["y", "b"]),
    ]
    #expect(close(try inFront.outputs(for: latents), expected))
    #expect(try inFront.read().architecture?.object?["output"] == ["shape": [2, 1]])
  }

  @Test func activations() throws {
    let functions: [(String, [(String, Model.Attribute)], (Float) -> Float, JSONValue?)] = [
      ("Relu", [], { max($0, 0) }, nil),
      ("LeakyRelu", [("alpha", .float(0.25))], { $0 > 0 ? $0 : 0.25 * $0 }, nil),
      ("LeakyRelu", [], { $0 > 0 ? $0 : 0.01 * $0 }, nil),
      ("Tanh", [], { naiveTanh($0) }, [-1, 1]),
      ("Sigmoid", [], { (1 + naiveTanh($0 / 2)) / 2 }, [0, 1]),
    ]
    for (op, attributes, function, range) in functions {
      var model = Model()
      model.nodes = [Model.node(op, ["z"], ["x"], attributes)]
      let expected = latents.map { $0.map(function) }
      #expect(close(try model.outputs(for: latents), expected), "\(op)")
      #expect(try model.read().architecture?.object?["output"]?.object?["range"] == range)
    }
  }

  @Test func batchNormalisation() throws {
    var model = Model()
    model.initializers = [
      Model.floats("s", [3], [1, 2, 3]), Model.floats("b", [3], [0, 1, -1]),
      Model.floats("m", [3], [0.5, 0, 1]), Model.floats("v", [3], [1, 4, 0]),
    ]
    model.nodes = [
      Model.node(
        "BatchNormalization", ["z", "s", "b", "m", "v"], ["x"], [("epsilon", .float(0.25))])
    ]
    let expected = latents.map { z -> [Float] in
      let first: Float = (z[0] - 0.5) / Float(1.25).squareRoot()
      let second: Float = 2 * z[1] / Float(4.25).squareRoot() + 1
      let third: Float = 3 * (z[2] - 1) / 0.5 - 1
      return [first, second, third]
    }
    #expect(close(try model.outputs(for: latents), expected))
    let eps = try model.read().architecture?.object?["layers"]?.elements?[0].object?["eps"]
    #expect(eps == 0.25)
  }

  /// The fields that an architecture document has for them; PyTorch's own numbers are compared in
  /// `ONNXExportTests`.
  @Test func convolutions() throws {
    var model = Model()
    model.inputs = [Model.value("z", [nil, 4, 5, 6])]
    let weight = (0..<48).map { Float($0) }
    model.initializers = [
      Model.floats("w", [6, 2, 2, 2], weight), Model.floats("b", [1, 6, 1, 1], weight.suffix(6)),
    ]
    let attributes: [(String, Model.Attribute)] = [
      ("group", .int(2)), ("strides", .ints([2, 1])), ("pads", .ints([1, 0, 1, 0])),
      ("dilations", .ints([1, 3])), ("kernel_shape", .ints([2, 2])),
    ]
    model.nodes = [
      Model.node("Conv", ["z", "w"], ["y"], attributes), Model.node("Add", ["y", "b"], ["x"]),
    ]
    let conv = try model.read()
    #expect(
      conv.architecture?.object?["layers"] == [
        [
          "type": "conv2d", "weight": "w", "bias": "b", "stride": [2, 1], "padding": [1, 0],
          "dilation": [1, 3], "groups": 2,
        ]
      ])
    #expect(conv.architecture?.object?["output"] == ["shape": [6, 3, 3]])
    #expect(conv.tensors["w"] == Tensor(shape: [6, 2, 2, 2], values: weight))
    #expect(conv.tensors["b"]?.shape == [6])

    model.initializers = [Model.floats("w", [4, 2, 2, 3], weight)]
    model.nodes = [
      Model.node(
        "ConvTranspose", ["z", "w"], ["x"],
        [("group", .int(2)), ("strides", .ints([3, 2])), ("output_padding", .ints([2, 0]))])
    ]
    let transposed = try model.read()
    #expect(
      transposed.architecture?.object?["layers"] == [
        [
          "type": "conv_transpose2d", "weight": "w", "bias": nil, "stride": [3, 2],
          "padding": [0, 0], "groups": 2, "output_padding": [2, 0],
        ]
      ])
    #expect(transposed.architecture?.object?["output"] == ["shape": [4, 16, 13]])
    _ = try Generator(
      architecture: try #require(transposed.architecture), tensors: transposed.tensors)
  }
}
