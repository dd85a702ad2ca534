import Documents
import Foundation

// Functions of one entry that are layers.

enum ReluOperator: ONNXOperator {
  static let name = "Relu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(
      network.appendElementwise(
        ONNXLayer("relu", behind: try node.signal(0), function: { max($0[0], 0) })))
  }
}

enum LeakyReluOperator: ONNXOperator {
  static let name = "LeakyRelu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let slope = try node.float("alpha", default: 0.01)
    return .signal(
      network.appendElementwise(
        ONNXLayer(
          "leaky_relu", behind: try node.signal(0), fields: [("negative_slope", decimal(slope))])))
  }
}

/// A slope for all channels is a leaky rectifier; with one for each, the positive and the negative
/// part are taken apart: `relu(x) - slope relu(-x)`.
enum PReluOperator: ONNXOperator {
  static let name = "PRelu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let signal = try node.signal(0)
    let slope = try node.constant(1)
    if slope.elementCount == 1 {
      let number = Float(try slope.reals(in: node.source)[0])
      if number > 0, number <= 1 {
        return .signal(
          network.appendElementwise(
            ONNXLayer("leaky_relu", behind: signal, fields: [("negative_slope", decimal(number))])))
      }
    }
    let positive = network.appendElementwise(ONNXLayer("relu", behind: signal))
    let negative = network.appendElementwise(
      ONNXLayer("relu", behind: try network.scale(signal, by: -1, node)))
    let scaled = try network.scale(negative, by: slope.scaled(by: -1), node)
    return .signal(try network.sum([positive, scaled], node))
  }
}

enum EluOperator: ONNXOperator {
  static let name = "Elu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let alpha = try node.float("alpha", default: 1)
    return .signal(
      network.appendElementwise(
        ONNXLayer("elu", behind: try node.signal(0), fields: [("alpha", decimal(alpha))])))
  }
}

/// `gamma elu(x)`.
enum SeluOperator: ONNXOperator {
  static let name = "Selu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let alpha = try node.float("alpha", default: 1.673_263_2)
    let gamma = try node.float("gamma", default: 1.050_701)
    let elu = network.appendElementwise(
      ONNXLayer("elu", behind: try node.signal(0), fields: [("alpha", decimal(alpha))]))
    return .signal(try network.scale(elu, by: Double(gamma), node))
  }
}

/// `alpha elu(x / alpha)`.
enum CeluOperator: ONNXOperator {
  static let name = "Celu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let alpha = Double(try node.float("alpha", default: 1))
    guard alpha > 0 else { throw node.unsupported("has alpha \(alpha); expected more than 0") }
    let scaled = try network.scale(node.signal(0), by: 1 / alpha, node)
    let elu = network.appendElementwise(
      ONNXLayer("elu", behind: scaled, fields: [("alpha", 1)]))
    return .signal(try network.scale(elu, by: alpha, node))
  }
}

enum SoftplusOperator: ONNXOperator {
  static let name = "Softplus"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(
      network.appendElementwise(
        ONNXLayer(
          "softplus", behind: try node.signal(0),
          function: { max($0[0], 0) + log1p(exp(-abs($0[0]))) })))
  }
}

enum SigmoidOperator: ONNXOperator {
  static let name = "Sigmoid"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(
      network.appendElementwise(
        ONNXLayer("sigmoid", behind: try node.signal(0), function: { 1 / (1 + exp(-$0[0])) })))
  }
}

enum TanhOperator: ONNXOperator {
  static let name = "Tanh"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(
      network.appendElementwise(
        ONNXLayer("tanh", behind: try node.signal(0), function: { tanh($0[0]) })))
  }
}

enum GeluOperator: ONNXOperator {
  static let name = "Gelu"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let approximate = try node.text("approximate", default: "none")
    guard ["none", "tanh"].contains(approximate) else {
      throw node.unsupported("has approximate \"\(approximate)\"; expected none or tanh")
    }
    return .signal(
      network.appendElementwise(
        ONNXLayer(
          "gelu", behind: try node.signal(0),
          fields: approximate == "tanh" ? [("approximate", "tanh")] : [])))
  }
}

/// `alpha x + beta`, clipped to 0 and 1.
enum HardSigmoidOperator: ONNXOperator {
  static let name = "HardSigmoid"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let alpha = try node.float("alpha", default: 0.2)
    let beta = try node.float("beta", default: 0.5)
    let scaled = try network.scale(node.signal(0), by: Double(alpha), node)
    return .signal(
      try network.clip(try network.shift(scaled, by: Double(beta), node), 0, 1, node))
  }
}

/// Bounds on both sides or one.
enum ClipOperator: ONNXOperator {
  static let name = "Clip"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(
      try network.clip(
        try node.signal(0), try node.number(1, orAttribute: "min"),
        try node.number(2, orAttribute: "max"), node))
  }
}

/// Of a signal and a number: a bound below.
enum MaxOperator: ONNXOperator {
  static let name = "Max"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let (signal, number) = try node.signalAndNumber()
    return .signal(try network.clip(signal, number, nil, node))
  }
}

/// Of a signal and a number: a bound above.
enum MinOperator: ONNXOperator {
  static let name = "Min"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let (signal, number) = try node.signalAndNumber()
    return .signal(try network.clip(signal, nil, number, node))
  }
}

extension ONNXNode {
  /// A number that newer opsets have as an input, older ones as an attribute.
  fileprivate func number(
    _ index: Int, orAttribute name: String
  ) throws(WeightFormatError) -> Double? {
    if let constant = try optionalConstant(index) {
      let numbers = try constant.reals(in: source)
      guard numbers.count == 1 else {
        throw unsupported("has \(numbers.count) numbers as its input \(index); expected one")
      }
      return numbers[0]
    }
    return has(name) ? Double(try float(name, default: 0)) : nil
  }

  /// The two inputs, in either order.
  fileprivate func signalAndNumber() throws(WeightFormatError) -> (ONNXSignal, Double) {
    let isSecond = if case .constant = try value(0) { true } else { false }
    let signal = try signal(isSecond ? 1 : 0)
    let numbers = try constant(isSecond ? 0 : 1).reals(in: source)
    guard inputs.count == 2, numbers.count == 1 else {
      throw unsupported(
        "has \(inputs.count) inputs and \(numbers.count) numbers; expected a signal and a number")
    }
    return (signal, numbers[0])
  }
}

extension ONNXNetwork {
  /// Beyond this a bound is none: exporters write the largest float for it.
  private static let boundMax = 1e30

  fileprivate mutating func clip(
    _ signal: ONNXSignal, _ least: Double?, _ most: Double?, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let least = max(least ?? -.infinity, -Self.boundMax)
    let most = min(most ?? .infinity, Self.boundMax)
    guard least < most else {
      throw node.unsupported("clips to \(least) at least and \(most) at most; expected a range")
    }
    if least == -Self.boundMax, most == Self.boundMax { return signal }
    if least == 0, most == Self.boundMax {
      return appendElementwise(ONNXLayer("relu", behind: signal, function: { max($0[0], 0) }))
    }
    return appendElementwise(
      ONNXLayer(
        "hardtanh", behind: signal,
        fields: [("min_val", decimal(Float(least))), ("max_val", decimal(Float(most)))],
        function: { min(max($0[0], least), most) }))
  }
}

/// The number that was meant: ONNX keeps 1e-5 as the nearest `Float`, whose shortest decimal is 1e-5
/// again.
func decimal(_ number: Float) -> JSONValue {
  .number(Double(number.description) ?? Double(number))
}
