import Documents
import Foundation

/// PyTorch's `GELU`: `x` times the standard normal distribution function at `x`, or its
/// approximation by a hyperbolic tangent (Hendrycks and Gimpel 2016).
enum GELULayer: LayerKind {
  static let type = "gelu"
  static let summary = "x times the normal distribution function"
  private static let approximateField = ChoiceParameter(
    "approximate", ["none", "tanh"], "how the distribution function is computed")
  static let parameters: [any ParameterDescription] = [approximateField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    try approximateField.value(in: context.document) == "tanh"
      ? .elementwise(TanhGELU(), context) : .elementwise(GELU(), context)
  }
}

public struct GELU: ActivationFunction, GatedActivation {
  public init() {}

  static let gateReach: Float = 15

  func gate(at x: Float) -> (value: Float, slope: Float) {
    (0.5 * erfc(-x * Float(0.5).squareRoot()), exp(-0.5 * x * x) / (2 * Float.pi).squareRoot())
  }
}

/// `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`.
public struct TanhGELU: ActivationFunction, GatedActivation {
  public init() {}

  static let gateReach: Float = 15

  /// `(1 + tanh(u / 2)) / 2 = 1 / (1 + exp(-u))`.
  func gate(at x: Float) -> (value: Float, slope: Float) {
    let scale = 2 * (2 / Float.pi).squareRoot()
    let power = exp(-scale * abs(x * (1 + 0.044715 * x * x)))
    let inverse = 1 / (1 + power)
    return (
      x > 0 ? inverse : power * inverse,
      power * inverse * inverse * scale * (1 + 3 * 0.044715 * x * x)
    )
  }
}
