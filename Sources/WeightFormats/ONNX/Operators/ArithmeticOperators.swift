// Arithmetic on lists of integers, as exporters write it to compute a shape: of sizes, axes and
// places, never of what layers compute.

enum SubOperator: ONNXOperator {
  static let name = "Sub"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.combiningIntegers { $0.subtractingReportingOverflow($1) }
  }
}

enum MulOperator: ONNXOperator {
  static let name = "Mul"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.combiningIntegers { $0.multipliedReportingOverflow(by: $1) }
  }
}

/// Towards zero.
enum DivOperator: ONNXOperator {
  static let name = "Div"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.combiningIntegers { $0.dividedReportingOverflow(by: $1) }
  }
}

/// The remainder, with the sign of the divisor, or of the dividend where `fmod` asks for it.
enum ModOperator: ONNXOperator {
  static let name = "Mod"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let followsDivisor = try node.integer("fmod", default: 0, in: 0...1) == 0
    return try node.combiningIntegers { dividend, divisor in
      let (rest, overflow) = dividend.remainderReportingOverflow(dividingBy: divisor)
      let isOpposed = rest != 0 && (rest < 0) != (divisor < 0)
      return (followsDivisor && !overflow && isOpposed ? rest + divisor : rest, overflow)
    }
  }
}

extension ONNXNode {
  /// Entry by entry; a single number goes with each entry of the other list.
  func combiningIntegers(
    _ combine: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws(WeightFormatError) -> ONNXValue {
    let (a, b) = (try integers(0), try integers(1))
    let shapes = [try constant(0).shape, try constant(1).shape]
    guard a.count == b.count || a.count == 1 || b.count == 1 else {
      throw malformed("combines lists of \(a.count) and \(b.count) integers")
    }
    let count = a.count == 1 ? b.count : a.count
    var result: [Int] = []
    for place in 0..<count {
      let (x, y) = (a[a.count == 1 ? 0 : place], b[b.count == 1 ? 0 : place])
      let (value, overflow) = combine(x, y)
      guard !overflow else { throw malformed("has no result for \(x) and \(y)") }
      result.append(value)
    }
    let shape = shapes.allSatisfy(\.isEmpty) ? [] : [count]
    return .constant(ONNXConstant(integers: result, shape: shape, name: outputName))
  }
}
