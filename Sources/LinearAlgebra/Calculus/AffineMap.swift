/// `f(x) = A x + b`: what every layer without an activation is once its constants are folded.
public struct AffineMap: DifferentiableMap {
  public let linear: any LinearMap
  /// One number an output; `nil` for none.
  public let offset: [Float]?

  /// `offset` must have one entry an output, and `linear` must not be bound to samples.
  public init(_ linear: any LinearMap, offset: [Float]? = nil) {
    precondition(offset.map { $0.count == linear.outputCount } ?? true, "an offset fits the output")
    self.linear = linear
    self.offset = offset
  }

  public var inputCount: Int { linear.inputCount }
  public var outputCount: Int { linear.outputCount }
  public var multiplyCount: Int { linear.multiplyCount }

  public func evaluate(_ x: consuming Batch) -> Batch {
    let count = x.count
    var value = linear.apply(x)
    guard let offset else { return value }
    let width = value.width
    value.values.withUnsafeMutableBufferPointer { values in
      offset.withUnsafeBufferPointer { offset in
        for row in 0..<count {
          let start = row &* width
          for entry in 0..<width { values[start &+ entry] += offset[entry] }
        }
      }
    }
    return value
  }

  public func linearize(at x: consuming Batch) -> Linearization {
    Linearization(value: evaluate(x), jacobian: linear)
  }
}

/// A map that acts on each entry alone, and can add a number to each on its way: what an ``AffineMap``
/// in front of it would need a pass of its own for.
public protocol OffsetAbsorbing: DifferentiableMap {
  /// `f(x + offset)`, where this is `f(x)`.
  ///
  /// - Parameter offset: one number an entry.
  func absorbing(offset: [Float]) -> any DifferentiableMap
}
