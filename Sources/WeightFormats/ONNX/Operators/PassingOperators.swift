/// Gives its input on.
enum IdentityOperator: ONNXOperator {
  static let name = "Identity"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.value(0)
  }
}

/// Does nothing outside training.
enum DropoutOperator: ONNXOperator {
  static let name = "Dropout"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    if node.inputs.count > 2, node.inputs[2] != nil, try node.integers(2) != [0] {
      throw node.unsupported("is in training mode; export the model after model.eval()")
    }
    return try node.value(0)
  }
}

/// Signals stay what they are: every value is a `Float` here. Of constants, short lists become
/// integers, cut towards zero, or floats.
enum CastOperator: ONNXOperator {
  static let name = "Cast"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let target = try node.integer("to", default: 0, in: 0...Int(Int32.max))
    guard let type = ElementType(onnx: Int32(target)), type != .bool else {
      throw node.unsupported(
        "casts to the data type \(target); expected a type of floats or integers")
    }
    guard case .constant(let constant) = value else {
      guard type.isFloatingPoint else {
        throw node.unsupported("casts floats to the data type \(target); expected a type of floats")
      }
      return value
    }
    switch (constant.elementType.isFloatingPoint, type.isFloatingPoint) {
    case (true, true), (false, false): return value
    case (false, true):
      let reals = try constant.integers(in: node.source).map(Double.init)
      return try .reals(reals, shape: constant.shape, node)
    case (true, false):
      let integers = try constant.reals(in: node.source).map {
        Int(exactly: $0.rounded(.towardZero))
      }
      guard integers.allSatisfy({ $0 != nil }) else {
        throw node.malformed("casts to integers what none can hold")
      }
      return .constant(
        ONNXConstant(
          integers: integers.compactMap(\.self), shape: constant.shape, name: node.outputName))
    }
  }
}
