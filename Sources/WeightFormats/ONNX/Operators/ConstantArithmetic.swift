import Foundation

// Arithmetic on constants, as exporters write it to compute shapes and sizes.

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

/// 1 where two lists of integers agree, else 0.
enum EqualOperator: ONNXOperator {
  static let name = "Equal"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.combiningIntegers { ($0 == $1 ? 1 : 0, false) }
  }
}

/// Sizes that were computed with factors, rounded down.
enum FloorOperator: ONNXOperator {
  static let name = "Floor"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.rounding { $0.rounded(.down) }
  }
}

/// Sizes that were computed with factors, rounded up.
enum CeilOperator: ONNXOperator {
  static let name = "Ceil"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    try node.rounding { $0.rounded(.up) }
  }
}

/// The product of a list of integers: how many numbers a shape has.
enum ReduceProdOperator: ONNXOperator {
  static let name = "ReduceProd"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let list = try node.integers(0)
    for axis in try node.integers(1, orAttribute: "axes") ?? [0] {
      _ = try node.axis(axis, rank: 1)
    }
    var product = 1
    for factor in list {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor)
      guard !overflow else { throw node.malformed("has no result for \(list)") }
      product = next
    }
    let keepsAxis = try node.integer("keepdims", default: 1, in: 0...1) == 1
    return .constant(
      ONNXConstant(integers: [product], shape: keepsAxis ? [1] : [], name: node.outputName))
  }
}

/// Integers from a first one to before a limit.
enum RangeOperator: ONNXOperator {
  static let name = "Range"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    let numbers = [try node.integers(0), try node.integers(1), try node.integers(2)]
    let range = -Int(Int32.max)...Int(Int32.max)
    guard numbers.allSatisfy({ $0.count == 1 && range.contains($0[0]) }), numbers[2][0] != 0 else {
      throw node.malformed("has the bounds and step \(numbers); expected three integers")
    }
    var list: [Int] = []
    for value in stride(from: numbers[0][0], to: numbers[1][0], by: numbers[2][0]) {
      guard list.count < ONNXConstant.integersMax else {
        throw node.unsupported(
          "counts beyond \(ONNXConstant.integersMax) integers; expected a list of axes or places")
      }
      list.append(value)
    }
    return .list(list, node)
  }
}

extension ONNXNode {
  /// Two constants entry by entry: of integers, of a weight and a number, or of two short lists.
  ///
  /// - Parameter stored: a constant of floats and the number that goes with each of them, and
  ///   whether the constant came first.
  func combining(
    _ a: ONNXConstant, _ b: ONNXConstant,
    whole: (Int, Int) -> (partialValue: Int, overflow: Bool), real: (Double, Double) -> Double,
    stored: (ONNXConstant, Float, _ isFirst: Bool) throws(WeightFormatError) -> ONNXConstant
  ) throws(WeightFormatError) -> ONNXValue {
    guard a.elementType.isFloatingPoint || b.elementType.isFloatingPoint else {
      return try combiningIntegers(a, b, whole)
    }
    if a.elementCount > ONNXConstant.integersMax, b.elementCount == 1,
      a.shape.count >= b.shape.count
    {
      return .constant(try stored(a, Float(try b.reals(in: source)[0]), true).renamed(outputName))
    }
    if b.elementCount > ONNXConstant.integersMax, a.elementCount == 1,
      b.shape.count >= a.shape.count
    {
      return .constant(try stored(b, Float(try a.reals(in: source)[0]), false).renamed(outputName))
    }
    guard a.shape == b.shape || a.elementCount == 1 || b.elementCount == 1 else {
      throw unsupported(
        "combines constants of the shapes \(a.shape) and \(b.shape); expected equal shapes, or a "
          + "single number with any shape")
    }
    let (x, y) = (try a.reals(in: source), try b.reals(in: source))
    let count = x.count == 1 ? y.count : x.count
    let result = (0..<count).map { real(x[x.count == 1 ? 0 : $0], y[y.count == 1 ? 0 : $0]) }
    let shape =
      (a.elementCount, a.shape.count) > (b.elementCount, b.shape.count) ? a.shape : b.shape
    return try .reals(result, shape: shape, self)
  }

  /// Entry by entry; a single number goes with each entry of the other list.
  func combiningIntegers(
    _ combine: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws(WeightFormatError) -> ONNXValue {
    try combiningIntegers(try constant(0), try constant(1), combine)
  }

  private func combiningIntegers(
    _ first: ONNXConstant, _ second: ONNXConstant,
    _ combine: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws(WeightFormatError) -> ONNXValue {
    let (a, b) = (try first.integers(in: source), try second.integers(in: source))
    guard first.shape == second.shape || a.count == 1 || b.count == 1 else {
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
    let shape =
      (a.count, first.shape.count) > (b.count, second.shape.count) ? first.shape : second.shape
    return .constant(ONNXConstant(integers: result, shape: shape, name: outputName))
  }

  /// Of two lists of integers, the first one's entry where the condition is not 0.
  func choosing(
    _ condition: ONNXConstant, _ first: ONNXConstant, _ second: ONNXConstant
  ) throws(WeightFormatError) -> ONNXValue {
    let (a, b) = (try first.integers(in: source), try second.integers(in: source))
    let chosen = zip(try condition.integers(in: source), zip(a, b)).map { $0 != 0 ? $1.0 : $1.1 }
    guard [first.shape, second.shape].allSatisfy({ $0 == condition.shape }) else {
      throw unsupported(
        "chooses between constants of the shapes \(first.shape) and \(second.shape) by one of "
          + "\(condition.shape); expected equal shapes")
    }
    return .constant(ONNXConstant(integers: chosen, shape: condition.shape, name: outputName))
  }

  fileprivate func rounding(
    _ round: (Double) -> Double
  ) throws(WeightFormatError) -> ONNXValue {
    let constant = try constant(0)
    return try .reals(try constant.reals(in: source).map(round), shape: constant.shape, self)
  }
}

extension ONNXValue {
  /// A list that a node has computed.
  static func list(_ integers: [Int], _ node: ONNXNode) -> ONNXValue {
    .constant(ONNXConstant(integers: integers, shape: [integers.count], name: node.outputName))
  }

  /// Numbers that a node has computed, in the precision that graphs compute in.
  static func reals(
    _ reals: [Double], shape: [Int], _ node: ONNXNode
  ) throws(WeightFormatError) -> ONNXValue {
    let rounded = reals.map { Double(Float($0)) }
    guard let bad = rounded.first(where: { !$0.isFinite }) else {
      return .constant(ONNXConstant(reals: rounded, shape: shape, name: node.outputName))
    }
    throw node.malformed("computes \(bad) from constants; expected finite numbers")
  }
}
