/// Maps one after the other. The derivative of the chain is the chain of the derivatives.
public struct Chain: DifferentiableMap {
  public let stages: [any DifferentiableMap]
  public let inputCount: Int
  public let outputCount: Int
  /// What is computed: the stages, but offsets in the maps that absorb them.
  private let steps: [any DifferentiableMap]

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
    steps = Self.steps(stages)
  }

  private static func steps(_ stages: [any DifferentiableMap]) -> [any DifferentiableMap] {
    var steps: [any DifferentiableMap] = []
    for stage in stages {
      if let affine = steps.last as? AffineMap, let offset = affine.offset,
        let absorbing = stage as? any OffsetAbsorbing
      {
        steps[steps.count - 1] = affine.linear
        steps.append(absorbing.absorbing(offset: offset))
      } else {
        steps.append(stage)
      }
    }
    return steps
  }

  public var multiplyCount: Int { stages.reduce(0) { $0 + $1.multiplyCount } }

  public func evaluate(_ x: consuming Batch) -> Batch {
    for step in steps { x = step.evaluate(x) }
    return x
  }

  public func linearize(at x: consuming Batch) -> Linearization {
    let sampleCount = x.count
    var jacobians: [any LinearMap] = []
    jacobians.reserveCapacity(steps.count)
    for step in steps {
      let linearization = step.linearize(at: x)
      x = linearization.value
      jacobians.append(linearization.jacobian)
    }
    return Linearization(
      value: x,
      jacobian: LinearChain(
        jacobians, inputCount: inputCount, outputCount: outputCount, sampleCount: sampleCount))
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

  public func apply(_ x: consuming Batch) -> Batch {
    for factor in factors { x = factor.apply(x) }
    return x
  }

  public func applyAdjoint(_ y: consuming Batch) -> Batch {
    for factor in factors.reversed() { y = factor.applyAdjoint(y) }
    return y
  }

  /// Of one row that goes through.
  public var multiplyCount: Int { factors.reduce(0) { $0 + $1.multiplyCount } }

  /// The first factor's columns are its weights and cost nothing; the rest is applied to them: for one
  /// sample a few tangents at a time, where that is worth another core.
  public func columns(for samples: Int) -> Batch {
    guard let first = factors.first else { return .identities(inputCount, for: samples) }
    let columns = first.columns(for: samples)
    let rest = LinearChain(
      Array(factors.dropFirst()), inputCount: first.outputCount, outputCount: outputCount,
      sampleCount: sampleCount)
    guard samples == 1 else { return rest.apply(columns) }
    let ranges = SpareCores.ranges(of: inputCount, multiplicationsEach: rest.multiplyCount)
    return .inRanges(ranges, width: outputCount) { rest.apply(columns.rows(Array($0))) }
  }

  /// The columns of each sample without the outputs that do not move with its input; `nil` where
  /// leaving those out saves little. Behind a ReLU most outputs can be still, and the dense map in
  /// front of it need not be applied for them.
  public func activeColumns() -> [ActiveColumns]? {
    var head = factors[...]
    var slopes: [Float]?
    while let last = head.last {
      if let diagonal = last as? DiagonalMap, diagonal.sampleCount == sampleCount {
        let scales = diagonal.scales.values
        slopes = slopes.map { zip($0, scales).map { $0 * $1 } } ?? scales
      } else if !(last is IdentityMap) {
        break
      }
      head.removeLast()
    }
    guard let slopes, let dense = head.popLast() as? DenseMap, let first = head.first,
      2 * slopes.count(where: { $0 != 0 }) <= slopes.count
    else { return nil }
    let hidden = head.dropFirst().reduce(first.columns(for: sampleCount)) { $1.apply($0) }
    return (0..<sampleCount).map { sample in
      let own = slopes[sample * outputCount..<(sample + 1) * outputCount]
      let outputs = own.indices.filter { own[$0] != 0 }
      let rows = hidden.rows(Array(sample * inputCount..<(sample + 1) * inputCount))
      let columns = dense.apply(rows, toOutputs: outputs.map { $0 - own.startIndex })
      let scales = outputs.map { own[$0] }
      return ActiveColumns(
        outputs: outputs.map { $0 - own.startIndex },
        columns: scales.allSatisfy { $0 == 1 }
          ? columns : DiagonalMap(Batch(row: scales)).apply(columns))
    }
  }
}

/// The matrix of one sample, without rows that are zero.
public struct ActiveColumns: Sendable {
  /// The outputs that move with the input.
  public var outputs: [Int]
  /// Row `j` is `A e_j` at those outputs.
  public var columns: Batch
}
