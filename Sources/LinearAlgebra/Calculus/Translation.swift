/// `f(x) = x - origin`: what is left of a prediction when the observation is taken away.
public struct Translation: DifferentiableMap {
  public let origin: [Float]

  public init(origin: [Float]) {
    self.origin = origin
  }

  public var inputCount: Int { origin.count }
  public var outputCount: Int { origin.count }

  public func evaluate(_ x: Batch) -> Batch {
    let width = origin.count
    return Batch(count: x.count, width: width) { result in
      x.values.withUnsafeBufferPointer { x in
        origin.withUnsafeBufferPointer { origin in
          for row in 0..<(width > 0 ? x.count / width : 0) {
            for entry in 0..<width {
              result[row &* width &+ entry] = x[row &* width &+ entry] - origin[entry]
            }
          }
        }
      }
    }
  }

  public func linearize(at x: Batch) -> Linearization {
    Linearization(value: evaluate(x), jacobian: IdentityMap(count: origin.count))
  }
}

/// `f(x) = x`.
public struct IdentityMap: LinearMap {
  public let inputCount: Int

  public init(count: Int) {
    inputCount = count
  }

  public var outputCount: Int { inputCount }
  public func apply(_ x: Batch) -> Batch { x }
  public func applyAdjoint(_ y: Batch) -> Batch { y }
}
