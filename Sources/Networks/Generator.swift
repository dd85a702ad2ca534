import LinearAlgebra

/// A trained network from a latent code to a signal, ready to evaluate and differentiate.
public struct Generator: DifferentiableMap {
  /// How latent codes are distributed before anything is observed.
  public enum LatentDistribution: String, Sendable, CaseIterable {
    case standardNormal = "standard_normal"
    /// Uniform in [-1, 1], entry by entry.
    case uniform
  }

  /// What is known of one layer of the architecture document.
  public struct LayerSummary: Sendable, Equatable {
    public var type: String
    public var outputShape: [Int]
    public var parameterCount: Int

    public init(type: String, outputShape: [Int], parameterCount: Int) {
      self.type = type
      self.outputShape = outputShape
      self.parameterCount = parameterCount
    }
  }

  public let latentShape: [Int]
  public let latentDistribution: LatentDistribution
  public let outputShape: [Int]
  /// The values that the output can take, where the architecture declares them.
  public let outputRange: ClosedRange<Float>?
  public let layers: [LayerSummary]
  /// The computation: affine maps with their constants folded in, elementwise functions, and a
  /// `Graph` for each part that branches.
  public let stages: [any DifferentiableMap]
  private let chain: Chain

  init(
    latentShape: [Int], latentDistribution: LatentDistribution, outputShape: [Int],
    outputRange: ClosedRange<Float>?, layers: [LayerSummary], stages: [any DifferentiableMap]
  ) {
    self.latentShape = latentShape
    self.latentDistribution = latentDistribution
    self.outputShape = outputShape
    self.outputRange = outputRange
    self.layers = layers
    self.stages = stages
    chain = Chain(stages, inputCount: latentShape.reduce(1, *))
  }

  public var inputCount: Int { chain.inputCount }
  public var outputCount: Int { chain.outputCount }
  public var multiplyCount: Int { chain.multiplyCount }
  /// Whether each layer takes only what the one before it gives, as layer-wise solvers need.
  public var isChain: Bool { !stages.contains { $0 is Graph } }
  /// Entries of the widest layer's output.
  public var widestCount: Int { layers.map { $0.outputShape.reduce(1, *) }.max() ?? inputCount }
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

  public func evaluate(_ x: consuming Batch) -> Batch { chain.evaluate(x) }
  public func linearize(at x: consuming Batch) -> Linearization { chain.linearize(at: x) }

  /// `count` latent codes as the generator expects them.
  public func drawLatents(count: Int, from random: inout RandomNumbers) -> Batch {
    switch latentDistribution {
    case .standardNormal: return random.normal(count: count, width: inputCount)
    case .uniform:
      let values = (0..<count * inputCount).map { _ in Float(2 * random.uniform() - 1) }
      return Batch(count: count, width: inputCount, values: values)
    }
  }
}

/// The part of a generator that some of its outputs depend on.
public struct ObservedGenerator: Sendable {
  /// From the latent to the observed entries before the last activation.
  public let preactivation: Chain
  /// What the network does to each of those entries at its end; `nil` for nothing.
  public let finalActivation: (any ElementwiseMap)?

  /// From the latent to the observed entries.
  public var chain: Chain {
    Chain(
      preactivation.stages + (finalActivation.map { [$0] } ?? []),
      inputCount: preactivation.inputCount)
  }
}

extension Generator {
  /// The generator as far as the given outputs can see it. Where all that follows the last dense
  /// layer acts on each entry alone, only the observed rows of that layer are kept.
  ///
  /// - Parameter indices: distinct entries of the flattened output.
  public func observing(_ indices: [Int]) -> ObservedGenerator {
    var head = stages
    var tail: [any ElementwiseMap] = []
    while let last = head.last as? any ElementwiseMap {
      tail.insert(last, at: 0)
      head.removeLast()
    }
    if !indices.elementsEqual(0..<outputCount) {
      if let affine = head.last as? AffineMap, let dense = affine.linear as? DenseMap {
        head[head.count - 1] = AffineMap(
          dense.selectingOutputs(indices),
          offset: affine.offset.map { offset in indices.map { offset[$0] } })
      } else {
        head.append(SelectionMap(indices, inputCount: outputCount))
      }
      tail = tail.map { $0.resized(to: indices.count) }
    }
    let final = tail.popLast()
    return ObservedGenerator(
      preactivation: Chain(head + tail, inputCount: inputCount), finalActivation: final)
  }
}
