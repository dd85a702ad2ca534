import Documents
import Foundation

/// PyTorch's `SiLU`, also called swish: `x / (1 + exp(-x))`.
enum SiLULayer: LayerKind {
  static let type = "silu"
  static let summary = "x / (1 + exp(-x))"
  static let parameters: [any ParameterDescription] = []

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    .elementwise(SiLU(), context)
  }
}

public struct SiLU: ActivationFunction, GatedActivation {
  public init() {}

  static let gateReach: Float = 110

  func gate(at x: Float) -> (value: Float, slope: Float) {
    let power = exp(-abs(x))
    let inverse = 1 / (1 + power)
    return (x > 0 ? inverse : power * inverse, power * inverse * inverse)
  }
}
