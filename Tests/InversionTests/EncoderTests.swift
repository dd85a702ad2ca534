import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

struct EncoderTests {
  @Test func linearGeneratorsAreEncodedWhole() throws {
    let generator = try SmallGenerators.randomLinear(5, 24, seed: 850)
    let planted = PlantedProblem(generator, seed: 851)
    let encoder = try #require(
      EncoderLibrary().encoder(for: planted.problem, generatorKey: "linear"))
    #expect(encoder.explainedVariance > 0.9999 && encoder.explainedVariance <= 1)
    let estimate = encoder.estimate(planted.problem.observation)
    #expect(RelativeError.of(estimate, planted.latent) < 1e-2)
  }

  /// Before the last activation a saturating network is linear again.
  @Test func theLastActivationIsTakenBack() throws {
    let rows: [[Float]] = [[1, 0.2], [-0.5, 1], [0.7, 0.7], [0.1, -0.9]]
    let generator = try SmallGenerators.linear(rows, then: ["type": "tanh"])
    let planted = PlantedProblem(generator, seed: 852)
    let encoder = try #require(
      EncoderLibrary().encoder(for: planted.problem, generatorKey: "tanh"))
    #expect(encoder.explainedVariance > 0.99)
  }

  /// What half of the entries leave open is drawn around the estimate.
  @Test func drawsSpreadAsTheErrorsDo() throws {
    // Five latents, of which three entries show three.
    let generator = try SmallGenerators.linear([
      [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1],
    ])
    let mask = MaskMeasurement(entries: [0, 1, 2], signalCount: 5)
    let problem = PlantedProblem(generator, mask, seed: 853).problem
    let encoder = try #require(EncoderLibrary().encoder(for: problem, generatorKey: "part"))
    #expect(abs(encoder.explainedVariance - 0.6) < 0.05)
    let estimate = encoder.estimate(problem.observation)
    var random = RandomNumbers(seed: 854)
    let draws = (0..<4000).map { _ in encoder.draw(around: estimate, from: &random) }
    let variances = (0..<5).map { entry in
      sumOfSquares(draws.map { $0[entry] - estimate[entry] }) / 4000
    }
    #expect(variances[0...2].allSatisfy { $0 < 0.05 })
    #expect(variances[3...4].allSatisfy { abs($0 - 1) < 0.2 })
  }

  /// Where each entry is seen with an error of deviation `s`, the least error in the mean is left by
  /// `y / (1 + s^2)`, which explains `1 / (1 + s^2)` of a standard normal latent's variance. 900 held-out
  /// pairs of five entries leave the share a deviation of about 0.01; 5100 pairs leave each
  /// coefficient one of 0.014 of its size at `s = 1`, and an estimate of five entries 0.03.
  @Test func estimatesShrinkByWhatTheNoiseHides() throws {
    let generator = try SmallGenerators.linear([
      [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1],
    ])
    let observation: [Float] = [1, -1, 0.5, 0, 2]
    let library = EncoderLibrary()
    for deviation in [0.5, 1, 0] {
      let problem = InverseProblem(
        generator, observation: observation,
        noise: deviation > 0 ? GaussianNoise(sigma: deviation) : NoNoise())
      let encoder = try #require(library.encoder(for: problem, generatorKey: "shrinking"))
      let share = 1 / (1 + deviation * deviation)
      #expect(abs(encoder.explainedVariance - share) < 0.05)
      let expected = observation.map { Float(share) * $0 }
      #expect(RelativeError.of(encoder.estimate(observation), expected) < 0.1)
    }
  }

  /// The values before a saturating activation say nothing where the noise is larger than what is
  /// left of the slope: there the numbers are seen as they are.
  @Test func noisySaturatedEntriesAreSeenAsTheyAre() throws {
    let rows: [[Float]] = [[4, 1], [-2, 4], [3, 3], [1, -4]]
    let generator = try SmallGenerators.linear(rows, then: ["type": "sigmoid"])
    let planted = PlantedProblem(generator, seed: 865).problem
    func explained(_ noise: any NoiseModel) throws -> Double {
      let problem = InverseProblem(generator, observation: planted.observation, noise: noise)
      return try #require(EncoderLibrary().encoder(for: problem, generatorKey: "saturated"))
        .explainedVariance
    }
    // Fitted to 200,000 pairs, the numbers as they are explain 0.757, those before the activation 0.703.
    #expect(try explained(GaussianNoise(sigma: 0.2)) > 0.73)
    #expect(try explained(NoNoise()) > 0.95)
  }

  @Test func constantGeneratorsHaveNoEncoder() throws {
    let generator = try SmallGenerators.linear([[0, 0], [0, 0]], offset: [1, 2])
    let problem = InverseProblem(generator, observation: [1, 2])
    #expect(EncoderLibrary().encoder(for: problem, generatorKey: "constant") == nil)
  }

  /// Whether an encoder was kept never changes a result, and other keys are other encoders.
  @Test func keptEncodersChangeNothing() throws {
    let library = EncoderLibrary(bankBytesMax: 1, encodersMax: 2)
    let generators = try (855..<859 as Range<UInt64>).map {
      try SmallGenerators.perceptron([4, 10, 16], ["type": "relu"], seed: $0)
    }
    for _ in 0..<2 {
      for (place, generator) in generators.enumerated() {
        let problem = PlantedProblem(generator, seed: 860).problem
        let solver = try SolverCatalogue.build(SolverCatalogue.defaultDocument)
        func solution(_ library: EncoderLibrary) -> Solution {
          solver.solve(
            problem, SolveContext(seed: 3, library: library, generatorKey: "generator \(place)"))
        }
        let kept = solution(library)
        let fresh = solution(EncoderLibrary())
        #expect(kept.latent == fresh.latent && kept.trace == fresh.trace)
      }
    }
  }

  @Test func measurementsHaveEncodersOfTheirOwn() throws {
    let generator = try SmallGenerators.randomLinear(3, 8, seed: 861)
    let library = EncoderLibrary()
    for entries in [[0, 1, 2, 3], [7, 6, 5, 4], [4, 5, 6, 7]] {
      let mask = MaskMeasurement(entries: entries, signalCount: 8)
      let planted = PlantedProblem(generator, mask, seed: 862)
      let encoder = try #require(library.encoder(for: planted.problem, generatorKey: "one"))
      #expect(RelativeError.of(encoder.estimate(planted.problem.observation), planted.latent) < 0.1)
    }
  }

  @Test func banksStayWithinTheirMemory() throws {
    let generator = try SmallGenerators.randomLinear(3, 1000, seed: 863)
    #expect(LatentBank(generator).latents.count == 6000)
    let small = LatentBank(generator, outputBytesMax: 400_000)
    #expect(small.latents.count == 100 && small.outputs.count == 100)
    #expect(LatentBank(generator, outputBytesMax: 1).latents.count == 8)
    #expect(LatentBank(generator, multiplicationsMax: 0).latents.count == 4 * 3 + 100)
    // The outputs are the generator's, in the order of the latents.
    let outputs = generator.evaluate(small.latents)
    #expect(RelativeError.of(small.outputs.values, outputs.values) < 1e-6)
  }
}
