/// An activation function made of straight pieces.
public protocol KinkedActivation: ActivationFunction {
  /// Where the pieces meet, in ascending order.
  var kinks: [Float] { get }
}

extension ReLU: KinkedActivation {
  public var kinks: [Float] { [0] }
}

extension LeakyReLU: KinkedActivation {
  public var kinks: [Float] { [0] }
}

extension PiecewiseLinear: KinkedActivation {
  public var kinks: [Float] { [-c, c] }
}

extension Hardtanh: KinkedActivation {
  public var kinks: [Float] { [least, most] }
}
