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
    throw node.unsupported(
      "has a constant of another kind; expected the attribute value, value_int or value_ints")
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

/// Entries of a list by their places.
enum GatherOperator: ONNXOperator {
  static let name = "Gather"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let list = try node.integers(0)
    let axis = try node.integer("axis", default: 0, in: -1...0)
    let places = try node.constant(1)
    guard try node.constant(0).shape.count == 1 else {
      throw node.malformed("gathers along axis \(axis) of a single number")
    }
    var gathered: [Int] = []
    for place in try node.integers(1) {
      gathered.append(list[try node.axis(place, rank: list.count)])
    }
    return .constant(
      ONNXConstant(integers: gathered, shape: places.shape, name: node.outputName))
  }
}

/// Lists one behind the other.
enum ConcatOperator: ONNXOperator {
  static let name = "Concat"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    _ = try node.integer("axis", default: 0, in: -1...0)
    var list: [Int] = []
    for index in node.inputs.indices {
      list += try node.integers(index)
      guard list.count <= ONNXConstant.integersMax else {
        throw node.unsupported(
          "joins more than \(ONNXConstant.integersMax) integers; expected a shape")
      }
    }
    return .list(list, node)
  }
}

/// A stretch of a list, in steps.
enum SliceOperator: ONNXOperator {
  static let name = "Slice"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let list = try node.integers(0)
    let starts = try node.integers(1, orAttribute: "starts") ?? []
    let ends = try node.integers(2, orAttribute: "ends") ?? []
    let axes = try node.integers(3, orAttribute: "axes") ?? [0]
    let steps = try node.integers(4, orAttribute: "steps") ?? [1]
    guard starts.count == 1, ends.count == 1, axes.count == 1, [0, -1].contains(axes[0]),
      steps.count == 1, steps[0] != 0, steps[0] != .min
    else {
      throw node.unsupported(
        "slices \(list) from \(starts) to \(ends) in steps of \(steps) along the axes \(axes); "
          + "expected one stretch of a list")
    }
    return .list(
      Array(slice(list, from: starts[0], to: ends[0], step: steps[0])), node)
  }

  private static func slice(_ list: [Int], from start: Int, to end: Int, step: Int) -> [Int] {
    let count = list.count
    func place(_ index: Int, _ range: ClosedRange<Int>) -> Int {
      let absolute = index < 0 ? index + count : index
      return min(max(absolute, range.lowerBound), range.upperBound)
    }
    guard count > 0 else { return [] }
    let range = step > 0 ? 0...count : -1...count - 1
    let first = place(start, step > 0 ? 0...count : 0...count - 1)
    // Beyond the list there is nothing more to step over.
    let stride = min(max(step, -count - 1), count + 1)
    return Swift.stride(from: first, to: place(end, range), by: stride).map { list[$0] }
  }
}

/// One integer, as often as a shape says.
enum ConstantOfShapeOperator: ONNXOperator {
  static let name = "ConstantOfShape"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let shape = try node.integers(0)
    let value = try node.tensor("value")?.integers(in: node.source)
    guard let value, value.count == 1, shape.count <= 1,
      (0...ONNXConstant.integersMax).contains(shape.first ?? 1)
    else {
      throw node.unsupported(
        "fills the shape \(shape); expected a list of at most \(ONNXConstant.integersMax) integers")
    }
    let integers = [Int](repeating: value[0], count: shape.first ?? 1)
    return .constant(ONNXConstant(integers: integers, shape: shape, name: node.outputName))
  }
}
