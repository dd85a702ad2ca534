/// A constant within the graph, in one of the forms that opsets have had.
enum ConstantOperator: ONNXOperator {
  static let name = "Constant"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    if let tensor = try node.tensor("value") {
      return .constant(ONNXConstant(tensor, name: node.outputName))
    }
    if node.has("value_int") {
      let value = try node.integer("value_int", default: 0, in: Int.min...Int.max)
      return .constant(ONNXConstant(integers: [value], shape: [], name: node.outputName))
    }
    if let values = try node.integers("value_ints") {
      return .list(values, node)
    }
    if node.has("value_float") {
      let value = Double(try node.float("value_float", default: 0))
      return try .reals([value], shape: [], node)
    }
    if let values = try node.floats("value_floats") {
      return try .reals(values.map(Double.init), shape: [values.count], node)
    }
    throw node.unsupported(
      "has a constant of another kind; expected the attribute value, value_int, value_ints, "
        + "value_float or value_floats")
  }
}

/// The shape of its input, which is known.
enum ShapeOperator: ONNXOperator {
  static let name = "Shape"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let shape = try node.value(0).shape
    let any = Int.min...Int.max
    let start = try node.integer("start", default: 0, in: any)
    let end = try node.integer("end", default: shape.count, in: any)
    func place(_ index: Int) -> Int {
      min(max(index < 0 ? index + shape.count : index, 0), shape.count)
    }
    let (first, behind) = (place(start), place(end))
    return .list(first < behind ? Array(shape[first..<behind]) : [], node)
  }
}

/// One number, as often as a shape says.
enum ConstantOfShapeOperator: ONNXOperator {
  static let name = "ConstantOfShape"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let shape = try node.integers(0)
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      count = overflow || extent < 0 || product > ONNXConstant.integersMax ? -1 : product
      guard count >= 0 else {
        throw node.unsupported(
          "fills the shape \(shape); expected at most \(ONNXConstant.integersMax) numbers")
      }
    }
    let value =
      try node.tensor("value").map { ONNXConstant($0, name: node.outputName) }
      ?? ONNXConstant(reals: [0], shape: [1], name: node.outputName)
    guard value.elementCount == 1 else {
      throw node.malformed("fills a shape with \(value.elementCount) values; expected one")
    }
    guard value.elementType.isFloatingPoint else {
      let integer = try value.integers(in: node.source)[0]
      return .constant(
        ONNXConstant(
          integers: [Int](repeating: integer, count: count), shape: shape, name: node.outputName))
    }
    let real = try value.reals(in: node.source)[0]
    return try .reals([Double](repeating: real, count: count), shape: shape, node)
  }
}
