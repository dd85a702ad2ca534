// Sums and products: of two constants they are a constant, of a signal and a constant a layer that
// scales and shifts, of signals a sum.

/// A bias behind a layer that has none yet, another constant, or a residual connection; or the end of
/// an interpolation that is written out.
enum AddOperator: ONNXOperator {
  static let name = "Add"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    switch (try node.value(0), try node.value(1)) {
    case (.constant(let a), .constant(let b)):
      return try node.combining(
        a, b, whole: { $0.addingReportingOverflow($1) }, real: +,
        stored: {
          constant, number, _ throws(WeightFormatError) in
          try constant.shifted(by: number)
        })
    case (.signal(let signal), .constant(let constant)),
      (.constant(let constant), .signal(let signal)):
      return .signal(try network.shift(signal, by: constant, node))
    case (.signal(let a), .signal(let b)):
      if let whole = try network.interpolation(a, b, node) { return .signal(whole) }
      return .signal(try network.sum([a, b], node))
    }
  }
}

/// The sum of any number of signals.
enum SumOperator: ONNXOperator {
  static let name = "Sum"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    var signals: [ONNXSignal] = []
    for index in node.inputs.indices { signals.append(try node.signal(index)) }
    guard signals.count > 1 else { return .signal(try node.signal(0)) }
    return .signal(try network.sum(signals, node))
  }
}

enum SubOperator: ONNXOperator {
  static let name = "Sub"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    switch (try node.value(0), try node.value(1)) {
    case (.constant(let a), .constant(let b)):
      return try node.combining(
        a, b, whole: { $0.subtractingReportingOverflow($1) }, real: -,
        stored: {
          constant, number, isFirst throws(WeightFormatError) in
          isFirst
            ? try constant.shifted(by: -number)
            : try constant.scaled(by: -1).shifted(by: number)
        })
    case (.signal(let signal), .constant(let constant)):
      return .signal(try network.shift(signal, by: constant.scaled(by: -1), node))
    case (.constant(let constant), .signal(let signal)):
      let negative = try network.scale(signal, by: -1, node)
      return .signal(try network.shift(negative, by: constant, node))
    case (.signal, .signal):
      return .signal(try node.part(of: 2, &network) { $0[0] - $0[1] })
    }
  }
}

enum MulOperator: ONNXOperator {
  static let name = "Mul"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    switch (try node.value(0), try node.value(1)) {
    case (.constant(let a), .constant(let b)):
      return try node.combining(
        a, b, whole: { $0.multipliedReportingOverflow(by: $1) }, real: *,
        stored: {
          constant, number, _ throws(WeightFormatError) in
          try constant.scaled(by: number)
        })
    case (.signal(let signal), .constant(let constant)),
      (.constant(let constant), .signal(let signal)):
      return .signal(try network.scale(signal, by: constant, node))
    case (.signal, .signal):
      return .signal(try node.part(of: 2, &network) { $0[0] * $0[1] })
    }
  }
}

/// Of integers towards zero.
enum DivOperator: ONNXOperator {
  static let name = "Div"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    switch (try node.value(0), try node.value(1)) {
    case (.constant(let a), .constant(let b)):
      return try node.combining(
        a, b, whole: { $0.dividedReportingOverflow(by: $1) }, real: /,
        stored: {
          constant, number, isFirst throws(WeightFormatError) in
          isFirst
            ? try constant.scaled(by: 1 / number)
            : try constant.inverted().scaled(by: number)
        })
    case (.signal(let signal), .constant(let constant)):
      return .signal(try network.scale(signal, by: constant.inverted(), node))
    case (.constant, .signal), (.signal, .signal):
      return .signal(try node.part(of: 2, &network) { $0[0] / $0[1] })
    }
  }
}

enum NegOperator: ONNXOperator {
  static let name = "Neg"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    switch try node.value(0) {
    case .signal(let signal): return .signal(try network.scale(signal, by: -1, node))
    case .constant(let constant) where constant.elementType.isFloatingPoint:
      return .constant(try constant.scaled(by: -1))
    case .constant(let constant):
      return try node.combining(
        ONNXConstant(integers: [0], shape: [], name: node.outputName), constant,
        whole: { $0.subtractingReportingOverflow($1) }, real: -,
        stored: { constant, _, _ in constant })
    }
  }
}
