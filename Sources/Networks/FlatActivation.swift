/// An activation function that is flat somewhere, so that one value does not tell the input.
public protocol FlatActivation: ActivationFunction {
  /// The inputs that are given the value nearest to `y`, where they are more than one; `nil` where
  /// `y` has a preimage of its own.
  func flatInputs(of y: Float) -> ClosedRange<Float>?
}

extension ReLU: FlatActivation {
  public func flatInputs(of y: Float) -> ClosedRange<Float>? {
    y > 0 ? nil : -.infinity...0
  }
}

extension Hardtanh: FlatActivation {
  public func flatInputs(of y: Float) -> ClosedRange<Float>? {
    y >= most ? most...(.infinity) : y > least ? nil : -.infinity...least
  }
}
