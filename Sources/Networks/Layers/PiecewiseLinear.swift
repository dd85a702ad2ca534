import Documents

/// The piecewise linear unit (Nicolae 2018): the identity within `c` of zero, of slope `alpha`
/// beyond. It has the shape of a hyperbolic tangent, and an inverse everywhere.
enum PiecewiseLinearLayer: LayerKind {
  static let type = "piecewise_linear"
  static let summary = "x where |x| <= c, of slope alpha beyond"
  private static let alphaField = Parameter<Double>(
    "alpha", default: 0.1, in: 1e-6...1, "slope beyond c")
  private static let cField = Parameter<Double>(
    "c", default: 1, in: 1e-6...1e6, "where the slope changes")
  static let parameters: [any ParameterDescription] = [alphaField, cField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(
      PiecewiseLinear(
        alpha: Float(try context.document.value(alphaField)),
        c: Float(try context.document.value(cField))), context)
  }
}

public struct PiecewiseLinear: ActivationFunction {
  let alpha: Float
  let c: Float

  /// `alpha` lies in (0, 1], `c` is positive.
  public init(alpha: Float, c: Float) {
    self.alpha = alpha
    self.c = c
  }

  public func value(at x: Float) -> Float {
    x > c ? alpha * (x - c) + c : x < -c ? alpha * (x + c) - c : x
  }

  public func derivative(at x: Float, value: Float) -> Float { abs(x) <= c ? 1 : alpha }

  public func values(at x: Entries) -> Entries {
    let above = alpha * (x - c) + c
    let below = alpha * (x + c) - c
    return x.replacing(with: above, where: x .> c).replacing(with: below, where: x .< -c)
  }

  public func derivatives(at x: Entries, values: Entries) -> Entries {
    Entries(repeating: alpha).replacing(with: 1, where: (x .>= -c) .& (x .<= c))
  }

  public func preciseValue(at x: Double) -> Double? {
    let (alpha, c) = (Double(alpha), Double(c))
    return max(alpha * (x + c) - c, min(alpha * (x - c) + c, x))
  }
  public func preimage(of y: Float, margin: Float) -> Float? {
    y > c ? (y - c) / alpha + c : y < -c ? (y + c) / alpha - c : y
  }
  public func precisePreimage(of y: Double, margin: Double) -> Double? {
    let (alpha, c) = (Double(alpha), Double(c))
    return y > c ? (y - c) / alpha + c : y < -c ? (y + c) / alpha - c : y
  }

  public var isPiecewiseLinear: Bool { true }
}
