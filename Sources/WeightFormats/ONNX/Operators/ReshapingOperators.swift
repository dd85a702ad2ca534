/// The same numbers in another shape. An extent of 0 is copied, one of -1 follows from the others.
enum ReshapeOperator: ONNXOperator {
  static let name = "Reshape"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let shape = value.shape
    let asked = try node.integers(1)
    let copiesZeros = try node.integer("allowzero", default: 0, in: 0...1) == 0
    var result: [Int] = []
    var known = 1
    for (place, extent) in asked.enumerated() {
      let copied = copiesZeros && extent == 0 && place < shape.count ? shape[place] : extent
      result.append(copied)
      guard copied != -1 else { continue }
      let (product, overflow) = known.multipliedReportingOverflow(by: max(copied, 0))
      known = overflow ? 0 : product
    }
    let count = shape.reduce(1, *)
    let open = result.indices.filter { result[$0] == -1 }
    guard known > 0, open.count <= 1, open.isEmpty ? known == count : count % known == 0 else {
      throw node.malformed("gives \(count) numbers (shape \(shape)) the shape \(asked)")
    }
    for place in open { result[place] = count / known }
    return try value.reshaped(result, node, network)
  }
}

/// Two dimensions: all before the axis, and all from it on.
enum FlattenOperator: ONNXOperator {
  static let name = "Flatten"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let rank = value.shape.count
    let asked = try node.integer("axis", default: 1, in: -rank...rank)
    let axis = asked < 0 ? asked + rank : asked
    let shape = [value.shape[..<axis].reduce(1, *), value.shape[axis...].reduce(1, *)]
    return try value.reshaped(shape, node, network)
  }
}

/// Takes out dimensions of one entry.
enum SqueezeOperator: ONNXOperator {
  static let name = "Squeeze"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let shape = value.shape
    var axes: Set<Int> = []
    if let asked = try node.integers(1, orAttribute: "axes") {
      for axis in asked { axes.insert(try node.axis(axis, rank: shape.count)) }
    } else {
      axes = Set(shape.indices.filter { shape[$0] == 1 })
    }
    guard axes.allSatisfy({ shape[$0] == 1 }) else {
      throw node.malformed("takes the axes \(axes.sorted()) out of the shape \(shape)")
    }
    return try value.reshaped(
      shape.indices.filter { !axes.contains($0) }.map { shape[$0] }, node, network)
  }
}

/// Puts in dimensions of one entry.
enum UnsqueezeOperator: ONNXOperator {
  static let name = "Unsqueeze"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let asked = try node.integers(1, orAttribute: "axes") ?? []
    let rank = value.shape.count + asked.count
    try node.limits.check(
      "the number of dimensions behind \(node.label)", rank, atMost: node.limits.dimensionsMax,
      named: "dimensionsMax")
    var axes: Set<Int> = []
    for axis in asked { axes.insert(try node.axis(axis, rank: rank)) }
    guard axes.count == asked.count else {
      throw node.malformed("puts in the axes \(asked); expected each once")
    }
    var rest = value.shape[...]
    let shape = (0..<rank).map { axes.contains($0) ? 1 : rest.removeFirst() }
    return try value.reshaped(shape, node, network)
  }
}

extension ONNXValue {
  var shape: [Int] {
    switch self {
    case .signal(let signal): signal.shape
    case .constant(let constant): constant.shape
    }
  }

  /// The same numbers, as many as before. Samples must not mix.
  func reshaped(
    _ shape: [Int], _ node: ONNXNode, _ network: ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.limits.check(
      "the number of dimensions behind \(node.label)", shape.count,
      atMost: node.limits.dimensionsMax, named: "dimensionsMax")
    switch self {
    case .constant(let constant): return .constant(constant.reshaped(shape))
    case .signal(var signal):
      guard network.batch == 1 || shape.first == network.batch else {
        throw node.unsupported(
          "gives a batch of \(network.batch) the shape \(shape), which mixes samples; export with a "
            + "batch of one, or an open one")
      }
      signal.shape = shape
      signal.biasAxis = nil
      return .signal(signal)
    }
  }
}
