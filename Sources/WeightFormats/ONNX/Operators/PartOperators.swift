import Foundation

// Functions that are no layers by themselves, but parts of activations that exporters write out.

enum ErfOperator: ONNXOperator {
  static let name = "Erf"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 1, &network) { erf($0[0]) })
  }
}

enum ExpOperator: ONNXOperator {
  static let name = "Exp"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 1, &network) { exp($0[0]) })
  }
}

enum LogOperator: ONNXOperator {
  static let name = "Log"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 1, &network) { log($0[0]) })
  }
}

enum PowOperator: ONNXOperator {
  static let name = "Pow"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 2, &network) { pow($0[0], $0[1]) })
  }
}

enum ReciprocalOperator: ONNXOperator {
  static let name = "Reciprocal"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 1, &network) { 1 / $0[0] })
  }
}

/// 1 where the first is larger, else 0.
enum GreaterOperator: ONNXOperator {
  static let name = "Greater"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 2, &network) { $0[0] > $0[1] ? 1 : 0 })
  }
}

/// 1 where the first is smaller, else 0.
enum LessOperator: ONNXOperator {
  static let name = "Less"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 2, &network) { $0[0] < $0[1] ? 1 : 0 })
  }
}

/// One of two, by a condition.
enum WhereOperator: ONNXOperator {
  static let name = "Where"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: 3, &network) { $0[0] != 0 ? $0[1] : $0[2] })
  }
}

extension ONNXNode {
  /// A function of the node's inputs entry by entry: signals of one shape, and single numbers. It is
  /// refused unless it becomes part of an activation.
  ///
  /// - Parameter count: how many values `function` takes.
  func part(
    of count: Int, _ network: inout ONNXNetwork, _ function: @escaping ONNXLayer.Function
  ) throws(WeightFormatError) -> ONNXSignal {
    guard inputs.count == count else {
      throw malformed("has \(inputs.count) inputs; its operator takes \(count)")
    }
    var signals: [ONNXSignal] = []
    /// The value of each input where that is a number.
    var numbers: [Double?] = []
    for index in inputs.indices {
      switch try value(index) {
      case .signal(let signal):
        signals.append(signal)
        numbers.append(nil)
      case .constant(let constant):
        guard constant.elementCount == 1 else { throw isNoLayer }
        numbers.append(try constant.reals(in: source)[0])
      }
    }
    guard let first = signals.first, signals.allSatisfy({ $0.shape == first.shape }) else {
      throw isNoLayer
    }
    let layer = ONNXLayer(
      label, of: signals,
      function: { [numbers] values in
        var rest = values[...]
        return function(numbers.map { $0 ?? rest.removeFirst() })
      }, refusal: isNoLayer)
    return network.appendElementwise(layer)
  }

  private var isNoLayer: WeightFormatError {
    unsupported(
      "computes what is no layer: its operator is supported of constants, and of signals where "
        + "it is part of an activation that is written out (GELU, SiLU, softplus, sigmoid, tanh); "
        + "sums (Add) and joins (Concat) of signals are supported, products and differences are not. "
        + "Supported operators are \(ONNXOperators.names)")
  }
}
