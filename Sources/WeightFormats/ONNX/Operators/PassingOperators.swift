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

/// Between floats, or between integers: every value is a `Float` or an `Int` here anyway.
enum CastOperator: ONNXOperator {
  static let name = "Cast"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let target = try node.integer("to", default: 0, in: 0...Int(Int32.max))
    let isFloat =
      switch value {
      case .signal: true
      case .constant(let constant): constant.elementType.isFloatingPoint
      }
    guard let type = ElementType(onnx: Int32(target)), type != .bool,
      type.isFloatingPoint == isFloat
    else {
      throw node.unsupported(
        "casts \(isFloat ? "floats" : "integers") to the data type \(target); expected "
          + (isFloat ? "a type of floats" : "a type of integers"))
    }
    return value
  }
}
