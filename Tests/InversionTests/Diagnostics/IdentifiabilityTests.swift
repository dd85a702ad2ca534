import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// What is said of a measurement before any inversion, where the answer is known.
struct IdentifiabilityTests {
  private func identifiability(
    _ generator: Generator, _ measurement: (any Measurement)? = nil, draws: Int = 20
  ) throws -> Identifiability {
    let measurement = measurement ?? IdentityMeasurement(count: generator.outputCount)
    return try #require(
      GeneratorDiagnosis(generator, measurement, draws: draws, seed: 1).identifiability)
  }

  /// A rotation: every singular value is 1, and the latent is as uncertain as the noise.
  @Test func rotationsAreDetermined() throws {
    let rotation: [[Float]] = [[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]]
    let found = try identifiability(SmallGenerators.linear(rotation))
    #expect(found.answer == .determined && found.identifiableShare == 1)
    for quantiles in [
      found.smallestSingularValue, found.largestSingularValue, found.conditionNumber,
      found.deviationPerNoise,
    ] {
      #expect(abs(quantiles.least - 1) < 1e-6 && abs(quantiles.greatest - 1) < 1e-6)
    }
    #expect(found.rank.least == 3 && found.rank.greatest == 3 && found.deadLatents.isEmpty)
    #expect(found.latentCount == 3 && found.observedCount == 3)
  }

  @Test func fewerNumbersThanLatentsDetermineNothing() throws {
    let generator = try SmallGenerators.randomLinear(5, 20, seed: 980)
    let found = try identifiability(
      generator, MaskMeasurement(entries: [1, 7, 12], signalCount: 20))
    #expect(found.answer == .undetermined && found.identifiableDraws == 0)
    #expect(found.rank.greatest == 3 && found.rank.least == 3)
    #expect(found.conditionNumber.least == .infinity)
    #expect(found.deviationPerNoise.median == .infinity)
    #expect(found.identifiableShareInterval.lowerBound < 1e-12)
  }

  @Test func deadLatentsAreListed() throws {
    var random = RandomNumbers(seed: 981)
    let rows = (0..<20).map { _ in (0..<5).map { $0 == 2 ? 0 : Float(random.normal()) } }
    let found = try identifiability(SmallGenerators.linear(rows))
    #expect(found.deadLatents == [2] && found.answer == .undetermined)
    // Seen in part, more of them are dead.
    let part = try SmallGenerators.linear(
      (0..<10).map { row in (0..<4).map { $0 < 2 || row >= 5 ? Float(random.normal()) : 0 } })
    let mask = MaskMeasurement(entries: Array(0..<5), signalCount: 10)
    #expect(try identifiability(part, mask).deadLatents == [2, 3])
    #expect(try identifiability(part).deadLatents.isEmpty)
  }

  /// A ReLU network that determines some latents: the share, against ranks in double precision at
  /// other latents. Of 400 draws each, five standard errors of the difference are 0.18.
  @Test func sharesAreThoseOfDoublePrecision() throws {
    let generator = try SmallGenerators.perceptron([4, 10, 20], ["type": "relu"], seed: 982)
    let entries = Array(stride(from: 0, to: 20, by: 2))
    let found = try identifiability(
      generator, MaskMeasurement(entries: entries, signalCount: 20), draws: 400)
    let double = DoublePerceptron(generator)
    var random = RandomNumbers(seed: 983)
    var count = 0
    for _ in 0..<400 {
      let latent = (0..<4).map { _ in random.normal() }
      let outputs = double.units(at: latent).outputs
      if DoubleMatrix.rank(ofRows: entries.map { outputs[$0].gradient }) == 4 { count += 1 }
    }
    #expect((40...360).contains(count))
    #expect(abs(found.identifiableShare - Double(count) / 400) < 0.18)
    #expect(
      found.answer == (2 * found.identifiableDraws >= 400 ? .mostlyDetermined : .undetermined))
    #expect(found.identifiableShareInterval.contains(found.identifiableShare))
  }

  /// Wilson's interval for 8 of 10 is 0.490 to 0.943.
  @Test func sharesHaveTheirInterval() throws {
    var found = try identifiability(SmallGenerators.randomLinear(2, 4, seed: 984), draws: 1)
    #expect(found.draws == 1)
    found.draws = 10
    found.identifiableDraws = 8
    #expect(abs(found.identifiableShareInterval.lowerBound - 0.490) < 5e-4)
    #expect(abs(found.identifiableShareInterval.upperBound - 0.943) < 5e-4)
    #expect(found.answer == .mostlyDetermined)
    found.identifiableDraws = 4
    #expect(found.answer == .undetermined)
  }

  @Test func measurementsWithoutADerivativeSayNothing() throws {
    let generator = try SmallGenerators.randomLinear(2, 8, seed: 985)
    let oneBit = try MeasurementCatalogue.build(
      ["type": "one_bit", "of": ["type": "gaussian", "rows": 6, "seed": 1]], signalShape: [8])
    let found = GeneratorDiagnosis(generator, oneBit, draws: 4, seed: 1)
    #expect(found.identifiability == nil && found.layers.count == 1)
  }

  @Test func theSameSeedGivesTheSameNumbers() throws {
    let generator = try SmallGenerators.perceptron([3, 8, 20], ["type": "tanh"], seed: 986)
    let (first, second) = (try identifiability(generator), try identifiability(generator))
    #expect(first.smallestSingularValue == second.smallestSingularValue)
    let sum = first.smallestSingularValue
    #expect(sum.least <= sum.lowerQuartile && sum.lowerQuartile <= sum.median)
    #expect(sum.median <= sum.upperQuartile && sum.upperQuartile <= sum.greatest)
  }
}
