import Documents

/// Signals side by side along any axis but the batch, or lists one behind the other.
enum ConcatOperator: ONNXOperator {
  static let name = "Concat"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    var signals: [ONNXSignal] = []
    var constants: [ONNXConstant] = []
    for index in node.inputs.indices {
      switch try node.value(index) {
      case .signal(let signal): signals.append(signal)
      case .constant(let constant): constants.append(constant)
      }
    }
    let asked = try node.integer("axis", default: 0, in: -8...7)
    guard !signals.isEmpty else { return try join(constants, axis: asked, node) }
    guard constants.isEmpty else {
      throw node.unsupported(
        "joins a constant of shape \(constants[0].shape) and what layers compute; expected signals "
          + "only, all of which depend on the latent")
    }
    let axis = try node.axis(asked, rank: signals[0].shape.count)
    return .signal(try network.join(signals, axis: axis, node))
  }

  private static func join(
    _ lists: [ONNXConstant], axis: Int, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXValue {
    guard let first = lists.first, [0, -1].contains(axis),
      lists.allSatisfy({ $0.shape.count == 1 }),
      lists.reduce(0, { $0 + $1.elementCount }) <= ONNXConstant.integersMax
    else {
      throw node.unsupported(
        "joins constants of the shapes \(lists.map(\.shape)) along axis \(axis); expected lists of "
          + "at most \(ONNXConstant.integersMax) numbers in all")
    }
    guard first.elementType.isFloatingPoint else {
      var integers: [Int] = []
      for list in lists { integers += try list.integers(in: node.source) }
      return .list(integers, node)
    }
    var reals: [Double] = []
    for list in lists { reals += try list.reals(in: node.source) }
    return try .reals(reals, shape: [reals.count], node)
  }
}

extension ONNXNetwork {
  /// The sum of signals of one shape.
  mutating func sum(
    _ signals: [ONNXSignal], _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    let shape = signals[0].shape
    guard signals.allSatisfy({ $0.shape == shape }), let (sample, _) = sample(of: shape) else {
      throw node.unsupported(
        "adds signals of the shapes \(signals.map(\.shape)); expected one shape, the batch first")
    }
    let inputs = signals.map { shaped($0, sample) }
    return appendElementwise(
      ONNXLayer("add", of: inputs, function: { $0.reduce(0, +) }))
  }

  /// Signals side by side along an axis of their shapes.
  mutating func join(
    _ signals: [ONNXSignal], axis: Int, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    var shape = signals[0].shape
    let fits = signals.allSatisfy { other in
      other.shape.count == shape.count
        && shape.indices.allSatisfy { $0 == axis || other.shape[$0] == shape[$0] }
    }
    guard fits, let (_, offset) = sample(of: shape), axis >= offset else {
      throw node.unsupported(
        "joins signals of the shapes \(signals.map(\.shape)) along axis \(axis); expected equal "
          + "extents but along that axis, which is not the batch")
    }
    guard signals.count > 1 else { return signals[0] }
    let inputs = signals.map { shaped($0, Array($0.shape.dropFirst(offset))) }
    shape[axis] = 0
    for signal in signals {
      let (sum, overflow) = shape[axis].addingReportingOverflow(signal.shape[axis])
      shape[axis] = overflow ? .max : sum
    }
    return append(
      ONNXLayer("concat", of: inputs, fields: [("dim", JSONValue(axis - offset))]),
      shape: try node.checked(shape), layerShape: Array(shape.dropFirst(offset)))
  }
}
