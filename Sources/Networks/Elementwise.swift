import LinearAlgebra

/// A scalar function that a layer applies to each entry.
public protocol ActivationFunction: Sendable, Equatable {
  func value(at x: Float) -> Float

  /// The derivative at `x`, where the function has the given `value`. At a kink, the derivative
  /// from the left, as PyTorch has it for ReLU and leaky ReLU.
  func derivative(at x: Float, value: Float) -> Float

  /// The `x` with `value(at: x) == y`; `nil` where there is none or more than one.
  ///
  /// - Parameter margin: how near the ends of the range that it saturates in, a saturated
  ///   function is still inverted; `y` is clipped to that.
  func preimage(of y: Float, margin: Float) -> Float?

  /// Whether the function is made of straight pieces, so that least squares with its preimage
  /// weighs every entry of a piece alike.
  var isPiecewiseLinear: Bool { get }
}

/// A layer that acts on each entry alone, so that observing some outputs needs the same inputs.
public protocol ElementwiseMap: DifferentiableMap {
  var function: any ActivationFunction { get }

  /// The same function over another number of entries.
  func resized(to count: Int) -> any ElementwiseMap
}

/// One activation function over a row of entries.
public struct Elementwise<Function: ActivationFunction>: ElementwiseMap {
  let body: Function
  public let inputCount: Int

  public init(_ function: Function, count: Int) {
    body = function
    inputCount = count
  }

  public var outputCount: Int { inputCount }
  public var function: any ActivationFunction { body }

  public func resized(to count: Int) -> any ElementwiseMap {
    Elementwise(body, count: count)
  }

  public func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: x.width) { result in
      x.values.withUnsafeBufferPointer { x in
        for entry in 0..<x.count { result[entry] = body.value(at: x[entry]) }
      }
    }
  }

  public func linearize(at x: Batch) -> Linearization {
    let value = evaluate(x)
    let slopes = Batch(count: x.count, width: x.width) { result in
      x.values.withUnsafeBufferPointer { x in
        value.values.withUnsafeBufferPointer { value in
          for entry in 0..<x.count {
            result[entry] = body.derivative(at: x[entry], value: value[entry])
          }
        }
      }
    }
    return Linearization(value: value, jacobian: DiagonalMap(slopes))
  }
}
