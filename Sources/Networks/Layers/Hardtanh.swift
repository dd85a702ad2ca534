import Documents

/// PyTorch's `Hardtanh`: `x` clipped to `min_val` and `max_val`.
enum HardtanhLayer: LayerKind {
  static let type = "hardtanh"
  static let summary = "x clipped to the range from min_val to max_val"
  private static let leastField = Parameter<Double>(
    "min_val", default: -1, in: -1e30...1e30, "the least value")
  private static let mostField = Parameter<Double>(
    "max_val", default: 1, in: -1e30...1e30, "the greatest value")
  static let parameters: [any ParameterDescription] = [leastField, mostField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let least = Float(try context.document.value(leastField))
    let most = Float(try context.document.value(mostField))
    guard least < most else {
      throw context.document.unprocessable(
        "max_val", "is \(most); expected more than min_val, which is \(least)")
    }
    return .elementwise(Hardtanh(least: least, most: most), context)
  }
}

/// At both kinks the derivative is 0, as PyTorch has it.
public struct Hardtanh: ActivationFunction {
  let least: Float
  let most: Float

  /// `least` is less than `most`.
  public init(least: Float, most: Float) {
    self.least = least
    self.most = most
  }

  public func value(at x: Float) -> Float { max(min(x, most), least) }
  public func derivative(at x: Float, value: Float) -> Float { isInside(x) ? 1 : 0 }
  public func preciseValue(at x: Double) -> Double? { max(min(x, Double(most)), Double(least)) }
  public func preimage(of y: Float, margin: Float) -> Float? { isInside(y) ? y : nil }
  public var isPiecewiseLinear: Bool { true }

  private func isInside(_ x: Float) -> Bool { x > least && x < most }
}
