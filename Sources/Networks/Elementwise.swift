import LinearAlgebra

/// A scalar function that a layer applies to each entry.
public protocol ActivationFunction: Sendable, Equatable {
  func value(at x: Float) -> Float

  /// The derivative at `x`, where the function has the given `value`. At a kink, the derivative
  /// from the left, as PyTorch has it for ReLU and leaky ReLU.
  func derivative(at x: Float, value: Float) -> Float

  /// `value(at:)` of eight entries, to the last bit. Only for speed: by default, one by one.
  func values(at x: Entries) -> Entries

  /// `derivative(at:value:)` of eight entries, to the last bit. By default, one by one.
  func derivatives(at x: Entries, values: Entries) -> Entries

  /// The value in double precision; by default there is none.
  func preciseValue(at x: Double) -> Double?

  /// The `x` with `value(at: x) == y`; `nil` where there is none or more than one.
  ///
  /// - Parameter margin: how near the ends of the range that it saturates in, a saturated
  ///   function is still inverted; `y` is clipped to that.
  func preimage(of y: Float, margin: Float) -> Float?

  /// Whether the function is made of straight pieces, so that least squares with its preimage
  /// weighs every entry of a piece alike.
  var isPiecewiseLinear: Bool { get }
}

extension ActivationFunction {
  public func preciseValue(at x: Double) -> Double? { nil }

  @inline(__always)
  public func values(at x: Entries) -> Entries {
    var result = x
    for lane in result.indices { result[lane] = value(at: x[lane]) }
    return result
  }

  @inline(__always)
  public func derivatives(at x: Entries, values: Entries) -> Entries {
    var result = x
    for lane in result.indices { result[lane] = derivative(at: x[lane], value: values[lane]) }
    return result
  }
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

  /// In place where nobody else holds the batch.
  public func evaluate(_ x: consuming Batch) -> Batch {
    x.values.withUnsafeMutableBufferPointer { x in
      forEachEight(of: x.count) { start, count in
        let values = body.values(at: Entries(x, from: start, count: count))
        values.store(to: x, from: start, count: count)
      }
    }
    return x
  }

  public func linearize(at x: consuming Batch) -> Linearization {
    let (count, width) = (x.count, x.width)
    let slopes = Batch(count: count, width: width) { slopes in
      x.values.withUnsafeMutableBufferPointer { x in
        forEachEight(of: x.count) { start, count in
          let inputs = Entries(x, from: start, count: count)
          let values = body.values(at: inputs)
          body.derivatives(at: inputs, values: values).store(to: slopes, from: start, count: count)
          values.store(to: x, from: start, count: count)
        }
      }
    }
    return Linearization(value: x, jacobian: DiagonalMap(slopes))
  }
}

extension Elementwise: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    let values = x.compactMap { body.preciseValue(at: $0) }
    return values.count == x.count ? values : nil
  }
}

@inline(__always)
private func forEachEight(of count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
  let whole = count & ~7
  var start = 0
  while start < whole {
    body(start, 8)
    start &+= 8
  }
  if start < count { body(start, count &- start) }
}

extension Entries {
  /// Up to eight numbers, and zeros where there are fewer.
  @inline(__always)
  fileprivate init(_ source: UnsafeMutableBufferPointer<Float>, from start: Int, count: Int) {
    if count == 8 {
      self = UnsafeRawPointer(source.baseAddress! + start).loadUnaligned(as: Entries.self)
    } else {
      self = .zero
      for lane in 0..<count { self[lane] = source[start + lane] }
    }
  }

  @inline(__always)
  fileprivate func store(
    to target: UnsafeMutableBufferPointer<Float>, from start: Int, count: Int
  ) {
    if count == 8 {
      UnsafeMutableRawPointer(target.baseAddress! + start).storeBytes(of: self, as: Entries.self)
    } else {
      for lane in 0..<count { target[start + lane] = self[lane] }
    }
  }
}
