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

  /// Puts the values at `x + offset` in the place of `x`. Not to be implemented: a requirement only so
  /// that each function has loops of its own, with nothing called in them.
  func evaluate(_ x: Rows, adding offset: UnsafeBufferPointer<Float>?)

  /// The same, with the derivatives there; `slopes` has as many entries as `x`.
  func linearize(
    _ x: Rows, adding offset: UnsafeBufferPointer<Float>?, slopes: UnsafeMutablePointer<Float>)

  /// The `x` with `value(at: x) == y`; `nil` where there is none or more than one.
  ///
  /// - Parameter margin: how near the ends of the range that it saturates in, a saturated
  ///   function is still inverted; `y` is clipped to that.
  func preimage(of y: Float, margin: Float) -> Float?

  /// The same in double precision; by default, that of the nearest single-precision numbers.
  func precisePreimage(of y: Double, margin: Double) -> Double?

  /// Whether the function is made of straight pieces, so that least squares with its preimage
  /// weighs every entry of a piece alike.
  var isPiecewiseLinear: Bool { get }
}

extension ActivationFunction {
  public func preciseValue(at x: Double) -> Double? { nil }

  public func precisePreimage(of y: Double, margin: Double) -> Double? {
    preimage(of: Float(y), margin: Float(margin)).map(Double.init)
  }

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

  public func evaluate(_ x: Rows, adding offset: UnsafeBufferPointer<Float>?) {
    x.forEachEight(adding: offset) { x, place, _, count in
      values(at: x).store(to: place, count: count)
    }
  }

  public func linearize(
    _ x: Rows, adding offset: UnsafeBufferPointer<Float>?, slopes: UnsafeMutablePointer<Float>
  ) {
    x.forEachEight(adding: offset) { x, place, start, count in
      let values = values(at: x)
      derivatives(at: x, values: values).store(to: slopes + start, count: count)
      values.store(to: place, count: count)
    }
  }
}

/// A layer that acts on each entry alone, so that observing some outputs needs the same inputs.
public protocol ElementwiseMap: OffsetAbsorbing {
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

  public func absorbing(offset: [Float]) -> any DifferentiableMap {
    ShiftedElementwise(body: body, offset: offset)
  }

  /// In place where nobody else holds the batch.
  public func evaluate(_ x: consuming Batch) -> Batch { body.evaluated(x, adding: nil) }

  public func linearize(at x: consuming Batch) -> Linearization {
    body.linearized(x, adding: nil)
  }
}

/// `f(x + offset)`, entry by entry.
private struct ShiftedElementwise<Function: ActivationFunction>: DifferentiableMap {
  let body: Function
  let offset: [Float]

  var inputCount: Int { offset.count }
  var outputCount: Int { offset.count }

  func evaluate(_ x: consuming Batch) -> Batch { body.evaluated(x, adding: offset) }
  func linearize(at x: consuming Batch) -> Linearization { body.linearized(x, adding: offset) }
}

extension ActivationFunction {
  fileprivate func evaluated(_ x: consuming Batch, adding offset: [Float]?) -> Batch {
    let width = x.width
    x.values.withUnsafeMutableBufferPointer { x in
      withBuffer(offset) { evaluate(Rows(entries: x, width: width), adding: $0) }
    }
    return x
  }

  fileprivate func linearized(_ x: consuming Batch, adding offset: [Float]?) -> Linearization {
    let (count, width) = (x.count, x.width)
    let slopes = Batch(count: count, width: width) { slopes in
      guard let slopes = slopes.baseAddress else { return }
      x.values.withUnsafeMutableBufferPointer { x in
        withBuffer(offset) {
          linearize(Rows(entries: x, width: width), adding: $0, slopes: slopes)
        }
      }
    }
    return Linearization(value: x, jacobian: DiagonalMap(slopes))
  }

  private func withBuffer(_ offset: [Float]?, _ body: (UnsafeBufferPointer<Float>?) -> Void) {
    guard let offset else { return body(nil) }
    offset.withUnsafeBufferPointer(body)
  }
}

extension Elementwise: PreciselyEvaluated {
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    let values = x.compactMap { body.preciseValue(at: $0) }
    return values.count == x.count ? values : nil
  }
}

/// The entries of a batch, row after row, in somebody else's memory.
public struct Rows {
  let entries: UnsafeMutableBufferPointer<Float>
  let width: Int

  /// Calls `body` for all entries, eight at a time where as many are left in the row, with their
  /// offsets added.
  @inline(__always)
  fileprivate func forEachEight(
    adding offset: UnsafeBufferPointer<Float>?,
    _ body: (_ x: Entries, _ place: UnsafeMutablePointer<Float>, _ start: Int, _ count: Int) -> Void
  ) {
    guard let base = entries.baseAddress, width > 0 else { return }
    guard let offset = offset?.baseAddress else {
      return Rows.forEachEight(of: entries.count) { start, count in
        body(Entries(base + start, count: count), base + start, start, count)
      }
    }
    for row in 0..<entries.count / width {
      Rows.forEachEight(of: width) { entry, count in
        let start = row &* width &+ entry
        let x = Entries(base + start, count: count) + Entries(offset + entry, count: count)
        body(x, base + start, start, count)
      }
    }
  }

  @inline(__always)
  private static func forEachEight(of count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
    let whole = count & ~7
    var start = 0
    while start < whole {
      body(start, 8)
      start &+= 8
    }
    if start < count { body(start, count &- start) }
  }
}

extension Entries {
  /// Up to eight numbers, and zeros where there are fewer.
  @inline(__always)
  fileprivate init(_ source: UnsafePointer<Float>, count: Int) {
    if count == 8 {
      self = UnsafeRawPointer(source).loadUnaligned(as: Entries.self)
    } else {
      self = .zero
      for lane in 0..<count { self[lane] = source[lane] }
    }
  }

  @inline(__always)
  fileprivate func store(to target: UnsafeMutablePointer<Float>, count: Int) {
    if count == 8 {
      UnsafeMutableRawPointer(target).storeBytes(of: self, as: Entries.self)
    } else {
      for lane in 0..<count { target[lane] = self[lane] }
    }
  }
}
