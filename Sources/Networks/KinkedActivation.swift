/// An activation function made of straight pieces.
public protocol KinkedActivation: ActivationFunction {
  /// Where the pieces meet, in ascending order.
  var kinks: [Float] { get }
}

extension KinkedActivation {
  /// Which piece an input is on, counted from the left. At a kink it is the piece before it, whose
  /// derivative is given there.
  public func piece(of x: Float) -> Int { kinks.count { x > $0 } }
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
