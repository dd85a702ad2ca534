import Documents

/// `x` where positive, `negative_slope * x` elsewhere.
enum LeakyReLULayer: LayerKind {
  static let type = "leaky_relu"
  static let summary = "x where positive, negative_slope x elsewhere"
  private static let slopeField = Parameter<Double>(
    "negative_slope", default: 0.01, in: 1e-6...1, "slope left of zero")
  static let parameters: [any ParameterDescription] = [slopeField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(LeakyReLU(negativeSlope: Float(try context.document.value(slopeField))), context)
  }
}

public struct LeakyReLU: ActivationFunction {
  let negativeSlope: Float

  /// `negativeSlope` lies in (0, 1].
  public init(negativeSlope: Float) { self.negativeSlope = negativeSlope }
  public func value(at x: Float) -> Float { max(x, x * negativeSlope) }
  public func derivative(at x: Float, value: Float) -> Float { x > 0 ? 1 : negativeSlope }
  @inline(__always)
  public func values(at x: Entries) -> Entries {
    x.replacing(with: x * negativeSlope, where: x .<= 0)
  }
  @inline(__always)
  public func derivatives(at x: Entries, values: Entries) -> Entries {
    Entries(repeating: negativeSlope).replacing(with: 1, where: x .> 0)
  }
  public func preciseValue(at x: Double) -> Double? { max(x, x * Double(negativeSlope)) }
  public func preimage(of y: Float, margin: Float) -> Float? { y > 0 ? y : y / negativeSlope }
  public func precisePreimage(of y: Double, margin: Double) -> Double? {
    y > 0 ? y : y / Double(negativeSlope)
  }
  public var isPiecewiseLinear: Bool { true }
}
