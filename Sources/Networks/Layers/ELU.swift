import Documents
import Foundation

/// PyTorch's `ELU`: `x` where positive, `alpha (exp(x) - 1)` elsewhere.
enum ELULayer: LayerKind {
  static let type = "elu"
  static let summary = "x where positive, alpha (exp(x) - 1) elsewhere"
  private static let alphaField = Parameter<Double>(
    "alpha", default: 1, in: 1e-6...1e6, "minus the value far left of zero")
  static let parameters: [any ParameterDescription] = [alphaField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(ELU(alpha: Float(try context.document.value(alphaField))), context)
  }
}

public struct ELU: ActivationFunction {
  let alpha: Float

  /// `alpha` is positive.
  public init(alpha: Float) { self.alpha = alpha }
  public func value(at x: Float) -> Float { x > 0 ? x : alpha * expm1(x) }
  public func derivative(at x: Float, value: Float) -> Float { x > 0 ? 1 : alpha * exp(x) }
  public func preciseValue(at x: Double) -> Double? { x > 0 ? x : Double(alpha) * expm1(x) }
  public func preimage(of y: Float, margin: Float) -> Float? {
    y > 0 ? y : log1p(max(y / alpha, margin - 1))
  }
  public func precisePreimage(of y: Double, margin: Double) -> Double? {
    y > 0 ? y : log1p(max(y / Double(alpha), margin - 1))
  }
  public var isPiecewiseLinear: Bool { false }
}
