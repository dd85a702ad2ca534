import Documents
import Foundation

/// PyTorch's `Softplus`: `log(1 + exp(beta x)) / beta`, and `x` itself where `beta x` exceeds the
/// threshold.
enum SoftplusLayer: LayerKind {
  static let type = "softplus"
  static let summary = "log(1 + exp(beta x)) / beta, x itself where beta x exceeds threshold"
  private static let betaField = Parameter<Double>(
    "beta", default: 1, in: 1e-6...1e6, "sharpness of the bend")
  private static let thresholdField = Parameter<Double>(
    "threshold", default: 20, in: 0...1e6, "where the identity begins, as beta x")
  static let parameters: [any ParameterDescription] = [betaField, thresholdField]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(
      Softplus(
        beta: Float(try context.document.value(betaField)),
        threshold: Float(try context.document.value(thresholdField))), context)
  }
}

public struct Softplus: ActivationFunction {
  let beta: Float
  let threshold: Float

  /// `beta` is positive, `threshold` is not negative.
  public init(beta: Float, threshold: Float) {
    self.beta = beta
    self.threshold = threshold
  }

  public func value(at x: Float) -> Float {
    let scaled = beta * x
    return scaled > threshold ? x : Self.softplus(scaled) / beta
  }

  public func derivative(at x: Float, value: Float) -> Float {
    let scaled = beta * x
    return scaled > threshold ? 1 : 1 / (1 + exp(-scaled))
  }

  /// At a low threshold the function drops where the identity begins; values in that gap are taken
  /// on both sides of it.
  public func preciseValue(at x: Double) -> Double? {
    let beta = Double(beta)
    return beta * x > Double(threshold) ? x : log1p(exp(beta * x)) / beta
  }
  public func preimage(of y: Float, margin: Float) -> Float? {
    let scaled = beta * max(y, margin)
    if scaled > Self.softplus(threshold) { return y }
    return scaled > threshold ? nil : (scaled + log(-expm1(-scaled))) / beta
  }

  public var isPiecewiseLinear: Bool { false }

  private static func softplus(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }
}
