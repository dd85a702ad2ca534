import Networks
import Testing
import WeightFormats

/// What cannot be loaded is refused with a message that names it.
@Suite struct ONNXRefusalTests {
  typealias Model = ONNXModel

  /// A linear layer and a rectifier.
  static let small: Model = {
    var model = Model()
    model.initializers = [
      Model.floats("w", [2, 3], [1, 2, 3, 4, 5, 6]), Model.floats("b", [2], [1, -1]),
    ]
    model.nodes = [
      Model.node("Gemm", ["z", "w", "b"], ["y"], [("transB", .int(1))], name: "first"),
      Model.node("Relu", ["y"], ["x"], name: "second"),
    ]
    return model
  }()

  private func message(_ model: Model) -> String {
    refusal { _ = try model.read() }?.message ?? "accepted"
  }

  private func message(_ change: (inout Model) -> Void) -> String {
    var model = Self.small
    change(&model)
    return message(model)
  }

  @Test func theSmallModelIsAccepted() throws {
    #expect(try Self.small.outputs(for: [[1, 1, 1], [0, 0, 0]]) == [[7, 14], [1, 0]])
    #expect(
      try Self.small.read().metadata == ["opset": "17", "producer": "a test", "graph": "main"])
  }

  @Test func operatorsThatAreNotKnown() {
    for op in ["Erf", "LSTM"] {
      let unknown = message { $0.nodes[1] = Model.node(op, ["y"], ["x"], name: "/act/\(op)") }
      for word in ["\"/act/\(op)\"", "(\(op))", "Gemm", "ConvTranspose", "Reshape"] {
        #expect(unknown.contains(word), "\(unknown)")
      }
    }
    let foreign = message {
      $0.nodes[1] = Model.node("Relu", ["y"], ["x"], domain: "com.example")
    }
    #expect(foreign.contains("com.example") && foreign.contains("node 1 (unnamed) (Relu)"))
    let own = message { $0.nodes[1] = Model.node("Relu", ["y"], ["x"], domain: "ai.onnx") }
    #expect(own == "accepted")
    let body = message { $0.nodes[1] = Model.node("Relu", ["y"], ["x"], [("body", .graph)]) }
    #expect(body.contains("graph within it"))
    #expect(message { $0.nodes[1] = Model.node("If", ["y"], ["x"]) }.contains("(If)"))
  }

  @Test(arguments: [8, 9, 21, 22, -1, 0])
  func opsets(version: Int) {
    let found = message { $0.opsets = [("com.example", 1), ("", version)] }
    #expect(
      (9...21).contains(version) ? found == "accepted" : found.contains("opset \(version);"))
    let missing = message { $0.opsets = [] }
    #expect(missing.contains("0 versions"))
    #expect(message { $0.opsets += [("ai.onnx", 17)] }.contains("2 versions"))
  }

  /// Graphs that are wrong in one place, and a word of the reason.
  static let graphs: [(String, @Sendable (inout Model) -> Void)] = [
    ("cycle", { $0.nodes[0] = Model.node("Gemm", ["x", "w"], ["y"]) }),
    ("\"nothing\", which no input", { $0.nodes[1] = Model.node("Relu", ["nothing"]) }),
    ("has a value already", { $0.nodes.append(Model.node("Tanh", ["z"], ["x"])) }),
    ("has a value already", { $0.nodes[1] = Model.node("Relu", ["y"], ["x", "z"]) }),
    ("two initializers", { $0.initializers.append($0.initializers[0]) }),
    ("no name", { $0.initializers.append(Model.floats("", [1], [1])) }),
    ("(Sub) computes what is no layer", { $0.nodes[1] = Model.node("Sub", ["y", "y"]) }),
    ("(Mul) computes what is no layer", { $0.nodes[1] = Model.node("Mul", ["y", "y"]) }),
    ("(Div) computes what is no layer", { $0.nodes[1] = Model.node("Div", ["y", "y"]) }),
    (
      "(Add) adds signals of the shapes [[1, 2], [1, 3]]",
      { $0.nodes[1] = Model.node("Add", ["y", "z"]) }
    ),
    ("from the latent", { $0.nodes[1] = Model.node("Reshape", ["y", "z"]) }),
    ("2 inputs", { $0.inputs.append(Model.value("other", [nil, 3])) }),
    ("0 inputs", { $0.inputs = [] }), ("0 outputs", { $0.outputs = [] }),
    ("2 outputs", { $0.outputs.append(Model.value("y", nil)) }),
    ("no node gives", { $0.outputs = [Model.value("q", nil)] }),
    ("does not come out of a layer", { $0.outputs = [Model.value("z", nil)] }),
    ("does not come out of a layer", { $0.outputs = [Model.value("w", nil)] }),
    ("declared as [?, 5]", { $0.outputs = [Model.value("x", [nil, 5])] }),
    ("declared as [?, 2, 1]", { $0.outputs = [Model.value("x", [nil, 2, 1])] }),
    ("has no shape", { $0.inputs = [Model.value("z", nil)] }),
    ("has 1 dimensions", { $0.inputs = [Model.value("z", [3])] }),
    ("open dimension 1", { $0.inputs = [Model.value("z", [nil, nil])] }),
    ("the dimension -3", { $0.inputs = [Model.value("z", [nil, -3])] }),
    ("the dimension 0", { $0.inputs = [Model.value("z", [0, 3])] }),
    ("elementsMax", { $0.inputs = [Model.value("z", [nil, 1 << 30])] }),
    ("elementsMax", { $0.inputs = [Model.value("z", [1 << 16, 1 << 16])] }),
    ("expected floats", { $0.inputs = [Model.value("z", [nil, 3], type: 7)] }),
    ("shape [1, 4] by a weight", { $0.inputs = [Model.value("z", [nil, 4])] }),
    ("shape [1, 2, 3] by", { $0.inputs = [Model.value("z", [nil, 2, 3])] }),
    ("lacks its input 1", { $0.nodes[0] = Model.node("Gemm", ["z"], ["y"]) }),
    ("lacks its input 0", { $0.nodes[0] = Model.node("Gemm", ["", "w"], ["y"]) }),
    ("has no output", { $0.nodes[1] = Model.node("Relu", ["y"], ["", "x"]) }),
    ("expected what the layers", { $0.nodes[1] = Model.node("Relu", ["b"]) }),
    (
      "twice",
      {
        $0.nodes[1] = Model.node(
          "LeakyRelu", ["y"], ["x"], [("alpha", .float(1)), ("alpha", .float(1))])
      }
    ),
    (
      "of type 2; expected float",
      { $0.nodes[1] = Model.node("LeakyRelu", ["y"], ["x"], [("alpha", .int(1))]) }
    ),
    ("alpha", { $0.nodes[1] = Model.node("LeakyRelu", ["y"], ["x"], [("alpha", .float(.nan))]) }),
    ("channels x height", { $0.nodes[1] = Model.node("Conv", ["y", "w"]) }),
    ("to the data type 7", { $0.nodes[1] = Model.node("Cast", ["y"], ["x"], [("to", .int(7))]) }),
    (
      "the batch among them",
      { model in
        model.inputs = [Model.value("z", [2, 3])]
        model.nodes = [Model.node("Relu", ["z"], ["y"]), Model.node("Transpose", ["y"])]
      }
    ),
    (
      "mixes samples",
      { model in
        model.inputs = [Model.value("z", [2, 3])]
        model.initializers.append(Model.integers("s", [1], [-1]))
        model.nodes = [Model.node("Relu", ["z"], ["y"]), Model.node("Reshape", ["y", "s"])]
      }
    ),
  ]

  /// Of two channels of 4 x 4 pixels: what each operator does not do, and a word of the reason.
  static let images: [(String, [UInt8])] = [
    ("along axis 0", Model.node("Concat", ["z", "z"], ["x"], [("axis", .int(0))])),
    ("joins a constant", Model.node("Concat", ["z", "w"], ["x"], [("axis", .int(1))])),
    ("the axis 4 of 4", Model.node("Concat", ["z", "z"], ["x"], [("axis", .int(4))])),
    ("joins signals", Model.node("Concat", ["z", "flat"], ["x"], [("axis", .int(1))])),
    ("expected steps forward", Model.node("Slice", ["z", "3", "-9", "3", "-1"])),
    ("takes nothing", Model.node("Slice", ["z", "3", "2", "3"])),
    ("steps other than 0", Model.node("Slice", ["z", "1", "2", "3", "0"])),
    ("splits 2 entries", Model.node("Split", ["z", "pair"], ["x", "b"], [("axis", .int(1))])),
    ("splits 2 entries", Model.node("Split", ["z"], ["x", "b", "c"], [("axis", .int(1))])),
    ("the axis 3 of 2", Model.node("Gather", ["z", "3"], ["x"], [("axis", .int(1))])),
    ("mode \"wrap\"", Model.node("Pad", ["z", "pads"], ["x"], [("mode", .string("wrap"))])),
    ("pads the batch", Model.node("Pad", ["z", "pads"])),
    ("for 4 axes", Model.node("Pad", ["z", "pair"])),
    (
      "mode \"cubic\"",
      Model.node("Resize", ["z", "", "twice"], ["x"], [("mode", .string("cubic"))])
    ),
    (
      "coordinate_transformation_mode \"half_pixel_symmetric\"",
      Model.node(
        "Resize", ["z", "", "twice"], ["x"],
        [
          ("mode", .string("linear")),
          ("coordinate_transformation_mode", .string("half_pixel_symmetric")),
        ])
    ),
    (
      "expected the pixels that PyTorch",
      Model.node("Resize", ["z", "", "twice"], ["x"], [("nearest_mode", .string("ceil"))])
    ),
    (
      "nearest_mode \"odd\"",
      Model.node("Resize", ["z", "", "twice"], ["x"], [("nearest_mode", .string("odd"))])
    ),
    ("one of them", Model.node("Resize", ["z", ""])),
    ("one of them", Model.node("Resize", ["z", "", "pair"])),
    ("which stay", Model.node("Resize", ["z", "", "channels"])),
    ("expected 1 to 65536", Model.node("Resize", ["z", "", "huge"])),
    ("expected 1 to 65536", Model.node("Resize", ["z", "", "negative"])),
    ("elementsMax", Model.node("Resize", ["z", "", "large"])),
    ("has antialias", Model.node("Resize", ["z", "", "twice"], ["x"], [("antialias", .int(1))])),
    ("that is not the batch", Model.node("GatherND", ["z", "many"])),
    ("repeats axis 0", Model.node("Tile", ["z", "samples"])),
    ("repeats the shape", Model.node("Tile", ["z", "pair"])),
    ("0 times", Model.node("Tile", ["z", "none"])),
    ("elementsMax", Model.node("Tile", ["z", "many"])),
    ("makes the shape", Model.node("Expand", ["z", "many"])),
    ("repeats axis 0", Model.node("Expand", ["z", "samples4"])),
    ("2 channels over blocks", Model.node("DepthToSpace", ["z"], ["x"], [("blocksize", .int(2))])),
    ("\"blocksize\"", Model.node("DepthToSpace", ["z"])),
    ("into blocks of 3", Model.node("SpaceToDepth", ["z"], ["x"], [("blocksize", .int(3))])),
    ("least and", Model.node("Clip", ["z", "two", "one"])),
    ("has 4 numbers", Model.node("Clip", ["z", "twice"])),
    ("beside the shape", Model.node("PRelu", ["z", "twice5"])),
    ("would give the shape", Model.node("Conv", ["z", "wide"])),
    ("expected 4 positive", Model.node("Conv", ["z", "w"])),
    ("vectors of 4 numbers", Model.node("MatMul", ["z", "w"])),
    ("approximate \"odd\"", Model.node("Gelu", ["z"], ["x"], [("approximate", .string("odd"))])),
    ("expected a type of floats", Model.node("Cast", ["z"], ["x"], [("to", .int(9))])),
  ]

  @Test(arguments: images.indices)
  func imagesThatAreRefused(place: Int) {
    let (word, node) = Self.images[place]
    var model = Model()
    model.inputs = [Model.value("z", [nil, 2, 4, 4])]
    model.initializers =
      [
        Model.floats("w", [3, 3], [Float](repeating: 1, count: 9)),
        Model.floats("wide", [1, 2, 5, 5], [Float](repeating: 1, count: 50)),
        Model.floats("twice", [4], [1, 1, 2, 2]), Model.floats("channels", [4], [1, 2, 1, 1]),
        Model.floats("huge", [4], [1, 1, 1, 1e30]), Model.floats("negative", [4], [1, 1, 1, -1]),
        Model.floats("large", [4], [1, 1, 16_000, 16_000]),
        Model.floats("twice5", [5], [1, 1, 2, 2, 2]),
        Model.floats("one", [], [1]), Model.floats("two", [], [2]),
        Model.integers("samples", [4], [2, 1, 1, 1]), Model.integers("none", [4], [1, 1, 1, 0]),
        Model.integers("many", [4], [1, 1, 65_536, 65_536]),
        Model.integers("samples4", [4], [2, 2, 4, 4]),
        Model.integers("pads", [8], [1, 0, 0, 0, 0, 0, 0, 0]), Model.integers("pair", [2], [2, 2]),
      ] + [-9, -1, 0, 1, 2, 3].map { Model.integers(String($0), [1], [$0]) }
    model.nodes = [Model.node("Flatten", ["z"], ["flat"]), node]
    let found = message(model)
    #expect(found.contains(word), "\(found)")
    #expect(found.contains("elementsMax") || found.contains("node 1 (unnamed)"), "\(found)")
  }

  /// A shape that depends on what the layers compute.
  @Test func shapesThatDependOnData() {
    let found = message {
      $0.nodes = [
        Model.node("Gemm", ["z", "w", "b"], ["y"], [("transB", .int(1))]),
        Model.node("Cast", ["y"], ["s"], [("to", .int(7))]), Model.node("Reshape", ["z", "s"]),
      ]
    }
    #expect(found.contains("casts floats to the data type 7"), "\(found)")
    #expect(message { $0.nodes[1] = Model.node("NonZero", ["y"]) }.contains("(NonZero)"))
  }

  @Test(arguments: graphs.indices)
  func graphsThatAreWrong(place: Int) {
    let (word, change) = Self.graphs[place]
    let found = message(change)
    #expect(found.contains(word), "\(found)")
  }

  @Test func reshapesThatDoNotFit() {
    for shape in [
      [1, 4], [-1, -1], [2, -1], [-2, 1], [0, 0, 0], [.max, 4], [1 << 62, 8], [],
    ] {
      let found = message {
        $0.initializers.append(Model.integers("s", [shape.count], shape))
        $0.inputs = [Model.value("z", [nil, 3])]
        $0.nodes = [Model.node("Relu", ["z"], ["y"]), Model.node("Reshape", ["y", "s"])]
      }
      #expect(found.contains("gives 3 numbers"), "\(shape): \(found)")
    }
  }

  /// Convolutions of one channel and 4 x 4, a kernel of 3 x 3.
  static let convolutions: [(String, String, [(String, Model.Attribute)])] = [
    ("auto_pad SAME_UPPER", "ConvTranspose", [("auto_pad", .string("SAME_UPPER"))]),
    ("auto_pad OTHER", "Conv", [("auto_pad", .string("OTHER"))]),
    ("has 2 numbers", "Conv", [("pads", .ints([1, 1]))]),
    ("\"strides\"", "Conv", [("strides", .ints([0, 1]))]),
    ("\"strides\"", "ConvTranspose", [("strides", .ints([.max, 1]))]),
    ("\"dilations\"", "Conv", [("dilations", .ints([-1, 1]))]),
    ("\"group\"", "Conv", [("group", .int(0))]),
    ("in 2 groups", "Conv", [("group", .int(2))]),
    ("in 2 groups", "ConvTranspose", [("group", .int(2))]),
    ("kernel_shape [2, 3]", "Conv", [("kernel_shape", .ints([2, 3]))]),
    ("would give the shape", "Conv", [("dilations", .ints([2, 2]))]),
    ("would give the shape", "ConvTranspose", [("pads", .ints([3, 3, 3, 3]))]),
    ("output_shape [8, 8]", "ConvTranspose", [("output_shape", .ints([8, 8]))]),
    ("\"pads\"", "Conv", [("pads", .ints([-1, 0, -1, 0]))]),
  ]

  @Test(arguments: convolutions.indices)
  func convolutionsThatAreWrong(place: Int) {
    let (word, op, attributes) = Self.convolutions[place]
    var model = Model()
    model.inputs = [Model.value("z", [nil, 1, 4, 4])]
    model.initializers = [Model.floats("w", [1, 1, 3, 3], [Float](repeating: 1, count: 9))]
    model.nodes = [Model.node(op, ["z", "w"], ["x"], attributes)]
    let found = message(model)
    #expect(found.contains(word), "\(found)")
    model.nodes = [Model.node(op, ["z", "w"])]
    #expect(message(model) == "accepted")
  }

  /// The weight `w`, wrong in one place.
  @Test func tensorsThatAreWrong() {
    let raw = [UInt8](repeating: 0, count: 24)
    func with(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
      Model.tensor("w", [2, 3], raw: raw) + ProtobufWriter.message(write)
    }
    let tensors: [(String, [UInt8])] = [
      ("20 bytes", Model.tensor("w", [2, 3], raw: Array(raw.prefix(20)))),
      ("24 bytes", Model.tensor("w", [2, 2], raw: raw)),
      ("dimension -2", Model.tensor("w", [-2, -3], raw: raw)),
      ("dimension 4294967296", Model.tensor("w", [1 << 32, 3], raw: raw)),
      ("elementsMax", Model.tensor("w", [1 << 30, 1 << 30, 1 << 30], raw: raw)),
      ("dimensionsMax", Model.tensor("w", [Int](repeating: 1, count: 9), raw: raw)),
      ("nameBytesMax", Model.tensor(String(repeating: "w", count: 513), [2, 3], raw: raw)),
      ("ONNX data type 8", Model.tensor("w", [2, 3], type: 8, raw: raw)),
      ("in another file", with { $0.int(14, 1) }),
      ("segment", with { $0.message(3) { $0.int(1, 0) } }),
      ("several pieces", with { $0.content(9, raw) }),
      ("values twice", with { $0.int(5, 1) }),
      (
        "as F64",
        ProtobufWriter.message {
          $0.int(2, 1)
          $0.string(8, "w")
          $0.content(10, [0, 0, 0, 0, 0, 0, 0, 0])
        }
      ),
      (
        "which its type cannot",
        ProtobufWriter.message {
          $0.int(1, 1)
          $0.int(2, 3)
          $0.string(8, "w")
          $0.int(5, 300)
        }
      ),
      ("is not finite", Model.floats("w", [2, 3], [1, 2, .nan, 4, 5, 6])),
      ("type I32", Model.tensor("w", [2, 3], type: 6, raw: raw)),
      ("shape [0, 3]", Model.tensor("w", [0, 3], raw: [])),
    ]
    for (word, tensor) in tensors {
      let found = message { $0.initializers[0] = tensor }
      #expect(found.contains(word), "\(found)")
    }
  }

  @Test func nonFiniteScaling() {
    let found = message {
      $0.nodes[0] = Model.node(
        "Gemm", ["z", "w", "b"], ["y"], [("transB", .int(1)), ("alpha", .float(3e38))])
    }
    #expect(found.contains("is not finite") && found.contains("\"w\""), "\(found)")
  }
}
