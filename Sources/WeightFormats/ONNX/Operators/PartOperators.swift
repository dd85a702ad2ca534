import Foundation

/// A function of numbers that is no layer by itself, but part of activations that exporters write
/// out.
protocol ONNXPartOperator: ONNXOperator {
  static var inputCount: Int { get }
  static func value(of inputs: [Double]) -> Double
}

extension ONNXPartOperator {
  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    .signal(try node.part(of: inputCount, &network) { value(of: $0) })
  }
}

enum ErfOperator: ONNXPartOperator {
  static let name = "Erf"
  static let inputCount = 1
  static func value(of inputs: [Double]) -> Double { erf(inputs[0]) }
}

enum ExpOperator: ONNXPartOperator {
  static let name = "Exp"
  static let inputCount = 1
  static func value(of inputs: [Double]) -> Double { exp(inputs[0]) }
}

enum LogOperator: ONNXPartOperator {
  static let name = "Log"
  static let inputCount = 1
  static func value(of inputs: [Double]) -> Double { log(inputs[0]) }
}

enum PowOperator: ONNXPartOperator {
  static let name = "Pow"
  static let inputCount = 2
  static func value(of inputs: [Double]) -> Double { pow(inputs[0], inputs[1]) }
}

enum ReciprocalOperator: ONNXPartOperator {
  static let name = "Reciprocal"
  static let inputCount = 1
  static func value(of inputs: [Double]) -> Double { 1 / inputs[0] }
}

/// 1 where the first is larger, else 0.
enum GreaterOperator: ONNXPartOperator {
  static let name = "Greater"
  static let inputCount = 2
  static func value(of inputs: [Double]) -> Double { inputs[0] > inputs[1] ? 1 : 0 }
}

/// 1 where the first is smaller, else 0.
enum LessOperator: ONNXPartOperator {
  static let name = "Less"
  static let inputCount = 2
  static func value(of inputs: [Double]) -> Double { inputs[0] < inputs[1] ? 1 : 0 }
}

/// One of two, by a condition. Of constants it is how exporters write shapes with open extents.
enum WhereOperator: ONNXOperator {
  static let name = "Where"

  static func translate(
    _ node: ONNXNode, _ network: inout ONNXNetwork
  ) throws(WeightFormatError) -> ONNXValue {
    if case .constant(let condition) = try node.value(0),
      case .constant(let first) = try node.value(1), case .constant(let second) = try node.value(2)
    {
      return try node.choosing(condition, first, second)
    }
    return .signal(try node.part(of: 3, &network) { $0[0] != 0 ? $0[1] : $0[2] })
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
