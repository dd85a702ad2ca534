import Inversion
import Testing

struct ChiSquaredTests {
  /// The quantiles of 0.9973, from tables; the cube root is nearly normal to within half a percent.
  @Test(arguments: [(10, 26.90), (20, 42.08), (50, 82.32), (100, 143.85)])
  func improbableSumsAreThoseBeyondTheQuantile(freedom: Int, quantile: Double) {
    #expect(!ChiSquared.isImprobable(0.995 * quantile, freedom: freedom))
    #expect(ChiSquared.isImprobable(1.005 * quantile, freedom: freedom))
  }

  @Test func threeDeviationsAboveTheMeanAreBeyond() {
    // The mean of eight is 8, their deviation 4.
    #expect(!ChiSquared.isBeyond(20, freedom: 8))
    #expect(ChiSquared.isBeyond(20.001, freedom: 8))
  }
}
