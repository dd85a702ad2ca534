import Documents

/// More entries at the ends of axes, or fewer.
enum PadOperator: ONNXOperator {
  static let name = "Pad"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let signal = try node.signal(0)
    let rank = signal.shape.count
    let pads = try node.integers(1, orAttribute: "pads") ?? []
    let asked =
      try node.optionalConstant(3).map { constant throws(WeightFormatError) in
        try constant.integers(in: node.source)
      } ?? Array(0..<rank)
    guard pads.count == 2 * asked.count,
      pads.allSatisfy({ (-Self.padMax...Self.padMax).contains($0) })
    else {
      throw node.unsupported(
        "has pads \(pads) for \(asked.count) axes; expected a start and an end for each, at most "
          + "\(Self.padMax)")
    }
    var widths = [(before: Int, after: Int)](repeating: (0, 0), count: rank)
    for (place, axis) in asked.enumerated() {
      widths[try node.axis(axis, rank: rank)] = (pads[place], pads[place + asked.count])
    }
    let mode = try node.text("mode", default: "constant")
    guard let layerMode = ["constant": "constant", "reflect": "reflect", "edge": "replicate"][mode]
    else {
      throw node.unsupported("has mode \"\(mode)\"; expected constant, reflect or edge")
    }
    let value = try value(node)
    return .signal(
      try network.pad(
        signal, widths, mode: layerMode, value: mode == "constant" ? value : 0, node))
  }

  private static let padMax = 1 << 20

  private static func value(_ node: ONNXNode) throws(WeightFormatError) -> Float {
    guard let constant = try node.optionalConstant(2) else {
      return try node.float("value", default: 0)
    }
    let numbers = try constant.reals(in: node.source)
    guard numbers.count <= 1 else {
      throw node.unsupported("fills with \(numbers.count) numbers; expected one")
    }
    return Float(numbers.first ?? 0)
  }
}

extension ONNXNetwork {
  /// The signal with these widths added before and after each axis of its shape.
  mutating func pad(
    _ signal: ONNXSignal, _ widths: [(before: Int, after: Int)], mode: String = "constant",
    value: Float = 0, _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXSignal {
    guard let firstAxis = widths.firstIndex(where: { $0 != (0, 0) }) else { return signal }
    guard let (sample, offset) = sample(of: signal.shape), firstAxis >= offset else {
      throw node.unsupported("pads the batch of the shape \(signal.shape)")
    }
    let shape = zip(signal.shape, widths).map { $0 + $1.before + $1.after }
    var fields: [(name: String, value: JSONValue)] = [
      ("padding", JSONValue(widths[firstAxis...].reversed().flatMap { [$0.before, $0.after] }))
    ]
    if mode != "constant" { fields.append(("mode", .string(mode))) }
    if value != 0 { fields.append(("value", decimal(value))) }
    let input = shaped(signal, sample)
    return append(
      ONNXLayer("pad", behind: input, fields: fields), shape: try node.checked(shape),
      layerShape: Array(shape.dropFirst(offset)))
  }
}
