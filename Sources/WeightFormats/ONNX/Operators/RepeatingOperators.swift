import Documents

/// Axes of one entry, or new ones in front, made as long as asked for.
enum ExpandOperator: ONNXOperator {
  static let name = "Expand"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let asked = try node.integers(1)
    let rank = max(value.shape.count, asked.count)
    func padded(_ shape: [Int]) -> [Int] {
      [Int](repeating: 1, count: rank - shape.count) + shape
    }
    let whole = try value.reshaped(padded(value.shape), node, network)
    var times: [Int] = []
    for (own, extent) in zip(whole.shape, padded(asked)) {
      guard extent == own || extent == 1 || own == 1 else {
        throw node.malformed("makes the shape \(value.shape) \(asked)")
      }
      times.append(own == 1 ? extent : 1)
    }
    return try network.repeated(whole, times, node)
  }
}

/// The whole again and again along each axis.
enum TileOperator: ONNXOperator {
  static let name = "Tile"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let value = try node.value(0)
    let times = try node.integers(1)
    guard times.count == value.shape.count else {
      throw node.malformed("repeats the shape \(value.shape) \(times) times")
    }
    return try network.repeated(value, times, node)
  }
}

extension ONNXNetwork {
  /// - Parameter times: how often each axis is repeated.
  fileprivate mutating func repeated(
    _ value: ONNXValue, _ times: [Int], _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXValue {
    switch value {
    case .signal(var signal):
      for (axis, times) in times.enumerated() where times != 1 {
        signal = try repeated(signal, axis: axis, times, node)
      }
      return .signal(signal)
    case .constant(let constant):
      guard zip(constant.shape, times).allSatisfy({ $0 == 1 || $1 == 1 }) else {
        throw node.unsupported(
          "repeats a constant of shape \(constant.shape) \(times) times; expected only axes of one "
            + "entry to be repeated")
      }
      let shape = try node.checked(zip(constant.shape, times).map { $0 == 1 ? $1 : $0 })
      return .constant(try constant.broadcast(to: shape))
    }
  }

  /// All from the axis on becomes a row of an image that is one pixel high, and is stretched.
  private mutating func repeated(
    _ signal: ONNXSignal, axis: Int, _ times: Int, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    guard (1...65_536).contains(times), let (sample, offset) = sample(of: signal.shape),
      axis >= offset
    else {
      throw node.unsupported(
        "repeats axis \(axis) of the shape \(signal.shape) \(times) times; expected 1 to 65536 "
          + "times, and an axis that is not the batch")
    }
    var shape = signal.shape
    let (extent, overflow) = shape[axis].multipliedReportingOverflow(by: times)
    shape[axis] = overflow ? .max : extent
    shape = try node.checked(shape)
    let rows = sample[..<(axis - offset)].reduce(1, *)
    let width = sample[(axis - offset)...].reduce(1, *)
    let input = shaped(signal, [rows, 1, width])
    return append(
      ONNXLayer("upsample", behind: input, fields: [("size", JSONValue([times, width]))]),
      shape: shape, layerShape: [rows, times, width])
  }
}
