/// Maps one after the other. The derivative of the chain is the chain of the derivatives.
public struct Chain: DifferentiableMap {
  public let stages: [any DifferentiableMap]
  public let inputCount: Int
  public let outputCount: Int

  /// Each stage must take what the one before it gives; an empty chain is the identity on
  /// `inputCount` entries.
  public init(_ stages: [any DifferentiableMap], inputCount: Int) {
    var count = inputCount
    for stage in stages {
      precondition(stage.inputCount == count, "each stage takes what the one before it gives")
      count = stage.outputCount
    }
    self.stages = stages
    self.inputCount = inputCount
    self.outputCount = count
  }

  public var multiplyCount: Int { stages.reduce(0) { $0 + $1.multiplyCount } }

  public func evaluate(_ x: Batch) -> Batch {
    stages.reduce(x) { $1.evaluate($0) }
  }

  public func linearize(at x: Batch) -> Linearization {
    var value = x
    var jacobians: [any LinearMap] = []
    jacobians.reserveCapacity(stages.count)
    for stage in stages {
      let linearization = stage.linearize(at: value)
      value = linearization.value
      jacobians.append(linearization.jacobian)
    }
    return Linearization(
      value: value,
      jacobian: LinearChain(
        jacobians, inputCount: inputCount, outputCount: outputCount, sampleCount: x.count))
  }
}

/// Linear maps one after the other.
public struct LinearChain: LinearMap {
  let factors: [any LinearMap]
  public let inputCount: Int
  public let outputCount: Int
  public let sampleCount: Int

  init(_ factors: [any LinearMap], inputCount: Int, outputCount: Int, sampleCount: Int) {
    self.factors = factors
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.sampleCount = sampleCount
  }

  public func apply(_ x: Batch) -> Batch {
    factors.reduce(x) { $1.apply($0) }
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    factors.reversed().reduce(y) { $1.applyAdjoint($0) }
  }

  /// The first factor's columns are its weights and cost nothing; the rest is applied to them.
  public func columns(for samples: Int) -> Batch {
    guard let first = factors.first else { return .identities(inputCount, for: samples) }
    return factors.dropFirst().reduce(first.columns(for: samples)) { $1.apply($0) }
  }
}
