import Documents
import LinearAlgebra
import Networks
import Testing

/// Looking at some outputs of a generator is looking at all of them and then choosing.
struct ObservedGeneratorTests {
  static let seeds = (0..<6).map { block in (block * 10..<block * 10 + 10).map { UInt64($0) } }

  private func check(_ generator: Generator, seed: UInt64) {
    var random = RandomNumbers(seed: seed, stream: 0x6f62_7376)
    let count = generator.outputCount
    let some = (0..<count).filter { _ in random.uniform() < 0.5 }
    let z = random.normal(count: 3, width: generator.inputCount)
    let tangents = random.normal(count: 6, width: generator.inputCount)
    let whole = generator.linearize(at: z)
    for indices in [some, some.reversed(), [count - 1], Array(0..<count)] {
      let selection = SelectionMap(indices, inputCount: count)
      let observed = generator.observing(indices)
      let part = observed.chain.linearize(at: z)
      #expect(part.value.width == indices.count)
      expectSame(part.value, selection.apply(whole.value), seed)
      expectSame(
        part.jacobian.apply(tangents), selection.apply(whole.jacobian.apply(tangents)), seed)
      let cotangents = random.normal(count: 6, width: indices.count)
      expectSame(
        part.jacobian.applyAdjoint(cotangents),
        whole.jacobian.applyAdjoint(selection.applyAdjoint(cotangents)), seed)
      if let final = observed.finalActivation {
        #expect(final.outputCount == indices.count)
        expectSame(final.evaluate(observed.preactivation.evaluate(z)), part.value, seed)
      }
    }
  }

  private func expectSame(_ found: Batch, _ expected: Batch, _ seed: UInt64) {
    #expect(found.count == expected.count && found.width == expected.width)
    let distance = NetworkLaws.length(zip(found.values, expected.values).map { $0 - $1 })
    #expect(distance <= 5e-6 * max(NetworkLaws.length(expected.values), 1e-3), "seed \(seed)")
  }

  @Test(arguments: seeds)
  func observingIsSelecting(seeds: [UInt64]) throws {
    for seed in seeds { check(try RandomNetwork.draw(seed: seed).generator(), seed: seed) }
  }

  @Test(arguments: LayerExamples.all)
  func observingIsSelectingForEveryLayer(example: NetworkExample) throws {
    check(try example.generator(), seed: 1)
  }

  /// After a dense layer, only the observed rows are computed.
  @Test func denseLayersAreCutDown() throws {
    var random = RandomNumbers(seed: 2)
    let example = NetworkExample(
      name: "perceptron", latentShape: [3],
      layers: [
        ["type": "linear", "weight": "a"], ["type": "relu"],
        ["type": "linear", "weight": "b", "bias": "c"], ["type": "tanh"],
        ["type": "reshape", "shape": [4, 5, 2]],
      ],
      tensors: [
        "a": NetworkExample.tensor([6, 3], &random), "b": NetworkExample.tensor([40, 6], &random),
        "c": NetworkExample.tensor([40], &random),
      ])
    let generator = try example.generator()
    let observed = generator.observing([39, 0])
    #expect(observed.preactivation.multiplyCount == 6 * 3 + 6 + 2 * 6)
    #expect(observed.preactivation.outputCount == 2)
    #expect(observed.finalActivation != nil)
    check(generator, seed: 3)
  }
}
