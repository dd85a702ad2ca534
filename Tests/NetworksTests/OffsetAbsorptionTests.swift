import LinearAlgebra
import Networks
import Testing

/// A chain lets activations add the offset of the affine map before them; what it computes and what
/// it shows of its stages stays the same.
struct OffsetAbsorptionTests {
  private static let activations: [any ElementwiseMap] = [
    Elementwise(ReLU(), count: 21), Elementwise(Tanh(), count: 21),
    Elementwise(Sigmoid(), count: 21), Elementwise(LeakyReLU(negativeSlope: 0.2), count: 21),
  ]

  /// Rows of 21 end within eight entries, where rows and offsets must not be mixed up.
  @Test(arguments: activations.indices)
  func chainsComputeTheirStages(index: Int) throws {
    var random = RandomNumbers(seed: 540)
    let dense = DenseMap(
      matrix: random.normal(count: 21, width: 5).values, inputCount: 5, outputCount: 21)
    let affine = AffineMap(dense, offset: random.normal(count: 1, width: 21).values)
    let activation = Self.activations[index]
    let chain = Chain([affine, activation, activation], inputCount: 5)
    let x = random.normal(count: 3, width: 5)
    let y = random.normal(count: 3, width: 21)

    let inner = activation.linearize(at: affine.evaluate(x))
    let outer = activation.linearize(at: inner.value)
    #expect(chain.evaluate(x) == outer.value)
    let linearization = chain.linearize(at: x)
    #expect(linearization.value == outer.value)
    let pulled = inner.jacobian.applyAdjoint(outer.jacobian.applyAdjoint(y))
    #expect(linearization.jacobian.applyAdjoint(y) == dense.applyAdjoint(pulled))
    #expect(linearization.jacobian is LinearChain)

    #expect(chain.stages.count == 3)
    #expect((chain.stages[0] as? AffineMap)?.offset == affine.offset)
    #expect(chain.stages[1] is any ElementwiseMap)
  }
}
