import Documents
import Measurements
import Testing

struct NoiseTests {
  @Test func whatIsLeftOutIsNoNoise() throws {
    #expect(try NoiseCatalogue.build(nil) is NoNoise)
    #expect(try NoiseCatalogue.build(.null) is NoNoise)
    #expect(try NoiseCatalogue.build(NoiseCatalogue.defaultDocument) is NoNoise)
    #expect(NoNoise().isNoiseless && NoNoise().isKnown)
  }

  @Test func gaussianNoiseIsOfKnownOrUnknownSize() throws {
    func read(_ document: JSONValue) throws -> Double? {
      try #require(try NoiseCatalogue.build(document) as? GaussianNoise).sigma
    }
    for sigma in [0.1, 1e30, 1e-30] {
      #expect(try read(["type": "gaussian", "sigma": .number(sigma)]) == sigma)
    }
    #expect(try read(["type": "gaussian", "sigma": nil]) == nil)
    #expect(try read(["type": "gaussian"]) == nil)
    #expect(GaussianNoise(sigma: 2).isKnown && !GaussianNoise(sigma: nil).isKnown)
    #expect(!GaussianNoise(sigma: 2).isNoiseless)
  }

  /// `|r| <= sigma sqrt(m - k) (1 + 2.5 / sqrt(2 (m - k)))`
  @Test(arguments: [(10, 2), (784, 20), (5, 4), (5, 5), (3, 20)])
  func gaussianFitsAreJudgedByTheirNorm(count: Int, latentCount: Int) throws {
    let prediction = [Float](repeating: 0, count: count)
    let freedom = Double(max(count - latentCount, 1))
    let norm = 0.5 * freedom.squareRoot() * (1 + 2.5 / (2 * freedom).squareRoot())
    let found = try #require(
      GaussianNoise(sigma: 0.5).squaredResidualMax(at: prediction, latentCount: latentCount))
    #expect(abs(found - norm * norm) < 1e-12 * norm * norm)
    #expect(
      GaussianNoise(sigma: nil).squaredResidualMax(at: prediction, latentCount: latentCount) == nil)
  }
}
