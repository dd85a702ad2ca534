import CAllocations
import Documents
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Once an iteration has run, its like ask the allocator for no block that could hold a batch.
struct SteadyMemoryTests {
  /// The narrowest layer of both generators, the latent aside.
  private static let narrowest = 96
  private static let rows = 32
  /// Of its values for all rows.
  private static let blockBytes = Int64(4 * rows * narrowest)

  /// A perceptron and a convolutional generator of the usual kind, with every final activation
  /// behind an offset.
  private static func generators() throws -> [Generator] {
    var random = RandomNumbers(seed: 700)
    func tensor(_ shape: [Int]) -> Tensor {
      let values = random.normal(count: 1, width: shape.reduce(1, *)).values.map { 0.1 * $0 }
      return Tensor(shape: shape, values: values)
    }
    return [
      try SmallGenerators.perceptron(
        [6, narrowest, 256], ["type": "leaky_relu", "negative_slope": 0.1], seed: 701),
      try Generator(
        architecture: [
          "version": 1, "latent": ["shape": [6, 1, 1]], "output": ["shape": [3, 8, 8]],
          "layers": [
            ["type": "conv_transpose2d", "weight": "w0", "bias": "b0"], ["type": "relu"],
            [
              "type": "conv_transpose2d", "weight": "w1", "bias": "b1", "stride": 2, "padding": 1,
            ], ["type": "tanh"],
          ],
        ],
        tensors: [
          "w0": tensor([6, 8, 4, 4]), "b0": tensor([8]), "w1": tensor([8, 3, 4, 4]),
          "b1": tensor([3]),
        ]),
    ]
  }

  /// The third and later of several calls ask for no large block.
  private func expectSteady(_ what: Comment, _ work: () -> Void) {
    work()
    work()
    callocations_reset(Self.blockBytes)
    for _ in 0..<5 { work() }
    let found = callocations_read()
    #expect(found.large == 0, what)
  }

  private func expectSteady(
    _ solver: some IterativeSolver, _ objective: LeastSquares, from latents: Batch
  ) {
    let start = solver.start(objective, at: latents)
    expectSteady("\(solver)") {
      var state = start
      solver.step(&state, objective)
    }
  }

  @Test(.enabled(if: callocations_counts()), arguments: 0..<2)
  func iterationsTakeNoMemory(index: Int) throws {
    let generator = try Self.generators()[index]
    var random = RandomNumbers(seed: 702)
    let latents = generator.drawLatents(count: Self.rows, from: &random)
    let cotangents = random.normal(count: Self.rows, width: generator.outputCount)
    expectSteady("forward") { _ = generator.evaluate(latents) }
    expectSteady("pullback") {
      _ = generator.linearize(at: latents).jacobian.applyAdjoint(cotangents)
    }
    expectSteady("Jacobian") {
      _ = generator.linearize(at: latents).jacobian.columns(for: Self.rows)
    }

    let mask = try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["bernoulli": ["rate": 0.6, "seed": 3]]],
      signalShape: generator.outputShape)
    let objective = PlantedProblem(generator, mask, seed: 703).problem.objective
    expectSteady(Adam(), objective, from: latents)
    expectSteady(LevenbergMarquardt(), objective, from: latents)
    expectSteady(TruncatedGaussNewton(), objective, from: latents)
  }

  /// The count is not 0 because nothing is counted.
  @Test(.enabled(if: callocations_counts()))
  func anIterationOfNewSizesTakesMemory() throws {
    let generator = try Self.generators()[0]
    var random = RandomNumbers(seed: 704)
    let latents = generator.drawLatents(count: 2 * Self.rows + 1, from: &random)
    callocations_reset(Self.blockBytes)
    _ = generator.evaluate(latents)
    let found = callocations_read()
    #expect(found.large > 0)
  }
}
