import Documents

/// `max(x, 0)`.
enum ReLULayer: LayerKind {
  static let type = "relu"
  static let summary = "max(x, 0)"
  static let parameters: [any ParameterDescription] = []

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(ReLU(), context)
  }
}

public struct ReLU: ActivationFunction {
  public init() {}
  public func value(at x: Float) -> Float { max(x, 0) }
  public func derivative(at x: Float, value: Float) -> Float { x > 0 ? 1 : 0 }
  @inline(__always)
  public func values(at x: Entries) -> Entries { x.replacing(with: 0, where: x .<= 0) }
  @inline(__always)
  public func derivatives(at x: Entries, values: Entries) -> Entries {
    Entries.zero.replacing(with: 1, where: x .> 0)
  }
  public func preciseValue(at x: Double) -> Double? { max(x, 0) }
  public func preimage(of y: Float, margin: Float) -> Float? { y > 0 ? y : nil }
  public func precisePreimage(of y: Double, margin: Double) -> Double? { y > 0 ? y : nil }
  public var isPiecewiseLinear: Bool { true }
}
