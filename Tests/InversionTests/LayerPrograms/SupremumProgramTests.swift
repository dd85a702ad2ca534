import Inversion
import LinearAlgebra
import Testing

struct SupremumProgramTests {
  /// The interior point and the simplex method agree, and the certificates with both.
  @Test func agreesWithTheSimplexMethod() throws {
    for seed in 0..<20 as Range<UInt64> {
      let layer = RandomLayer(
        seed: seed, columnCount: 8, rowCount: 40, isNonnegative: seed % 2 == 0)
      let program = LayerProgram.supremum(layer.equations)
      let ours = try InteriorPointEngine().solve(program)
      let reference = try GLPKEngine().solve(program)
      #expect(ours.status == .optimal, "seed \(seed)")
      #expect(reference.status == .optimal, "seed \(seed)")
      #expect(abs(ours.objective - reference.objective) < 1e-7, "seed \(seed)")
      #expect(ours.relativeGap < 1e-9, "seed \(seed)")
    }
  }
}
