import Documents
import Foundation

/// The hyperbolic tangent.
enum TanhLayer: LayerKind {
  static let type = "tanh"
  static let summary = "hyperbolic tangent"
  static let parameters: [any ParameterDescription] = []

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(Tanh(), context)
  }
}

public struct Tanh: ActivationFunction {
  public init() {}
  public func value(at x: Float) -> Float { values(at: Entries(repeating: x))[0] }
  public func derivative(at x: Float, value: Float) -> Float { (1 - value) * (1 + value) }
  public func values(at x: Entries) -> Entries { VectorFunctions.tanh(x) }
  public func derivatives(at x: Entries, values: Entries) -> Entries {
    (1 - values) * (1 + values)
  }
  public func preciseValue(at x: Double) -> Double? { Foundation.tanh(x) }
  public func preimage(of y: Float, margin: Float) -> Float? {
    atanh(min(max(y, margin - 1), 1 - margin))
  }
  public func precisePreimage(of y: Double, margin: Double) -> Double? {
    atanh(min(max(y, margin - 1), 1 - margin))
  }
  public var isPiecewiseLinear: Bool { false }
}
