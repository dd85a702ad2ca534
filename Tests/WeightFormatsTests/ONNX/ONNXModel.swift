import LinearAlgebra
import Networks
import Testing
import WeightFormats

/// An ONNX file built by hand. As it is made, its input `z` has three numbers.
struct ONNXModel {
  var irVersion = 8
  var opsets: [(domain: String, version: Int)] = [("", 17)]
  var nodes: [[UInt8]] = []
  var initializers: [[UInt8]] = []
  var inputs: [[UInt8]] = [ONNXModel.value("z", [nil, 3])]
  var outputs: [[UInt8]] = [ONNXModel.value("x", nil)]

  var graph: [UInt8] {
    ProtobufWriter.message { graph in
      for node in nodes { graph.content(1, node) }
      graph.string(2, "main")
      for initializer in initializers { graph.content(5, initializer) }
      for input in inputs { graph.content(11, input) }
      for output in outputs { graph.content(12, output) }
    }
  }

  var bytes: [UInt8] {
    ProtobufWriter.message { model in
      model.int(1, irVersion)
      model.string(2, "a test")
      model.content(7, graph)
      for opset in opsets {
        model.message(8) {
          $0.string(1, opset.domain)
          $0.int(2, opset.version)
        }
      }
    }
  }

  func read(_ limits: WeightLimits = WeightLimits()) throws(WeightFormatError) -> WeightFile {
    try WeightFormats.read(MemoryBytes(bytes), limits: limits)
  }

  /// The output for each latent, flat.
  func outputs(for latents: [[Float]]) throws -> [[Float]] {
    let file = try read()
    let generator = try Generator(
      architecture: try #require(file.architecture), tensors: file.tensors)
    let batch = generator.evaluate(Batch(rows: latents, width: generator.inputCount))
    return (0..<batch.count).map { Array(batch[$0]) }
  }
}

// The messages within a model.
extension ONNXModel {
  enum Attribute {
    case int(Int)
    case ints([Int])
    case float(Float)
    case string(String)
    case tensor([UInt8])
    case graph
  }

  static func node(
    _ op: String, _ inputs: [String], _ outputs: [String] = ["x"],
    _ attributes: [(String, Attribute)] = [], name: String = "", domain: String = ""
  ) -> [UInt8] {
    ProtobufWriter.message { node in
      for input in inputs { node.string(1, input) }
      for output in outputs { node.string(2, output) }
      if !name.isEmpty { node.string(3, name) }
      node.string(4, op)
      for (name, attribute) in attributes { node.content(5, self.attribute(name, attribute)) }
      if !domain.isEmpty { node.string(7, domain) }
    }
  }

  private static func attribute(_ name: String, _ attribute: Attribute) -> [UInt8] {
    ProtobufWriter.message { message in
      message.string(1, name)
      switch attribute {
      case .int(let value):
        message.int(3, value)
        message.int(20, 2)
      case .ints(let values):
        for value in values { message.int(8, value) }
        message.int(20, 7)
      case .float(let value):
        message.float(2, value)
        message.int(20, 1)
      case .string(let text):
        message.string(4, text)
        message.int(20, 3)
      case .tensor(let tensor):
        message.content(5, tensor)
        message.int(20, 4)
      case .graph:
        message.message(6) { $0.string(2, "then") }
        message.int(20, 5)
      }
    }
  }

  /// A tensor with its values as raw data.
  static func tensor(
    _ name: String, _ shape: [Int], type: Int = 1, raw: [UInt8]
  ) -> [UInt8] {
    ProtobufWriter.message { tensor in
      for extent in shape { tensor.int(1, extent) }
      tensor.int(2, type)
      if !name.isEmpty { tensor.string(8, name) }
      tensor.content(9, raw)
    }
  }

  static func floats(_ name: String, _ shape: [Int], _ values: [Float]) -> [UInt8] {
    tensor(name, shape, raw: values.flatMap { littleEndian($0.bitPattern) })
  }

  static func integers(_ name: String, _ shape: [Int], _ values: [Int]) -> [UInt8] {
    tensor(name, shape, type: 7, raw: values.flatMap { littleEndian(Int64($0)) })
  }

  /// An input or output; a `nil` extent is open, a `nil` shape unknown.
  static func value(_ name: String, _ shape: [Int?]?, type: Int = 1) -> [UInt8] {
    ProtobufWriter.message { value in
      value.string(1, name)
      value.message(2) { info in
        info.message(1) { tensor in
          tensor.int(1, type)
          guard let shape else { return }
          tensor.message(2) { message in
            for extent in shape {
              message.message(1) { dimension in
                if let extent { dimension.int(1, extent) } else { dimension.string(2, "batch") }
              }
            }
          }
        }
      }
    }
  }
}

/// From the exponential function, as the sum of its series.
func naiveTanh(_ x: Float) -> Float {
  var term = 1.0
  let power = (1...60).reduce(1.0) { sum, n in
    term *= Double(x) / Double(n)
    return sum + term
  }
  return Float((power - 1 / power) / (power + 1 / power))
}
