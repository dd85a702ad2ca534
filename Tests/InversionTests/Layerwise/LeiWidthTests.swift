import Documents
import Inversion
import LinearAlgebra
import Networks
import Testing

/// Figure 2 of Lei et al. (2019) in small: which latents of `k -> 2.5 k -> 6 k` come back is decided by
/// how many units are on.
struct LeiWidthTests {
  /// Every method finds the latent exactly when each layer has as many known rows as inputs; and the
  /// search that begins at their solutions whenever any of them does.
  @Test(arguments: ["linear_system", "linf_lp", "l1_lp", "relaxed_lp"])
  func activeRowsDecide(type: String) throws {
    var (found, determined) = (0, 0)
    for seed in 2400..<2440 as Range<UInt64> {
      let generator = try SmallGenerators.perceptron([18, 40, 100], ["type": "relu"], seed: seed)
      let planted = PlantedProblem(generator, seed: seed)
      let conditions = UniquenessConditions(LayerChain(generator), at: planted.latent)
      let solution = try planted.problem.solved(by: ["type": .string(type)])
      let isFound = planted.relativeError(of: solution) < 1e-3
      if isFound { found += 1 }
      if conditions.isEachLayerDetermined { determined += 1 }
      if conditions.isEachLayerDetermined { #expect(isFound, "seed \(seed)") }
    }
    // Both kinds of draws are among them.
    #expect(determined > 5 && determined < 40 && found >= determined)
  }

  @Test func conditionsCountUnits() throws {
    let generator = try SmallGenerators.linear(
      [[1, 0], [0, 1], [-1, 0], [1, 1]], then: ["type": "relu"])
    let conditions = UniquenessConditions(LayerChain(generator), at: [1, -2])
    #expect(conditions.widths == [2] && conditions.supportCounts == [2])
    #expect(conditions.knownCounts == [1])
    #expect(!conditions.isEachLayerDetermined && !conditions.doSupportsExpand)
    let more = UniquenessConditions(LayerChain(generator), at: [1, 2])
    #expect(more.knownCounts == [3] && more.isEachLayerDetermined)
    #expect(more.doSupportsExpand && more.doSupportsDouble)
  }
}
