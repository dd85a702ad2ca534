import Documents
import Foundation

/// `1 / (1 + exp(-x))`.
enum SigmoidLayer: LayerKind {
  static let type = "sigmoid"
  static let summary = "1 / (1 + exp(-x))"
  static let parameters: [any ParameterDescription] = []

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(Sigmoid(), context)
  }
}

public struct Sigmoid: ActivationFunction {
  public init() {}
  public func value(at x: Float) -> Float { 1 / (1 + exp(-x)) }
  public func derivative(at x: Float, value: Float) -> Float { value * (1 - value) }
  public func preimage(of y: Float, margin: Float) -> Float? {
    let inside = min(max(y, margin), 1 - margin)
    return log(inside / (1 - inside))
  }
  public var isPiecewiseLinear: Bool { false }
}
