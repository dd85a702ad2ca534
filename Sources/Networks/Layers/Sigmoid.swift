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
  public func value(at x: Float) -> Float { values(at: Entries(repeating: x))[0] }
  public func derivative(at x: Float, value: Float) -> Float { value * (1 - value) }
  public func values(at x: Entries) -> Entries { VectorFunctions.sigmoid(x) }
  public func derivatives(at x: Entries, values: Entries) -> Entries { values * (1 - values) }
  public func preciseValue(at x: Double) -> Double? { 1 / (1 + exp(-x)) }
  public func preimage(of y: Float, margin: Float) -> Float? {
    let inside = min(max(y, margin), 1 - margin)
    return log(inside / (1 - inside))
  }
  public func precisePreimage(of y: Double, margin: Double) -> Double? {
    let inside = min(max(y, margin), 1 - margin)
    return log(inside / (1 - inside))
  }
  public var isPiecewiseLinear: Bool { false }
}
