import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Noise on its way through the layers.
struct NoisyLayersTests {
  private static let generator = Result {
    try SmallGenerators.perceptron([5, 30, 120], ["type": "relu"], seed: 2300)
  }

  /// Layer-wise and then end to end is as good as from the truth: over 30 draws the median errors
  /// differ by less than a twentieth, as nearly all end at the same latent.
  @Test(arguments: ["linf_lp", "l1_lp", "relaxed_lp", "latent_pursuit"], [1e-3, 1e-2])
  func polishedLatentsAreThoseOfMaximumLikelihood(type: String, sigma: Double) throws {
    let generator = try Self.generator.get()
    var errors: [Double] = []
    var nearest: [Double] = []
    for seed in 2301..<2331 as Range<UInt64> {
      let planted = PlantedProblem(
        generator, IdentityMeasurement(count: 120), sigma: sigma, seed: seed)
      let solution = try planted.problem.solved(
        by: ["type": "hybrid", "methods": [.string(type)], "restarts_max": 1])
      errors.append(planted.relativeError(of: solution))
      let near = IterationLoop().run(
        LevenbergMarquardt(iterationsMax: 100), planted.problem.objective,
        from: Batch(row: planted.latent)
      ) { _, _ in }
      nearest.append(RelativeError.of(near.rows.latents[0], planted.latent))
    }
    let ratio = errors.sorted()[15] / nearest.sorted()[15]
    #expect(ratio < 1.05)
  }

  /// The largest error is at most that of the noise: the truth is feasible.
  @Test func supremumFitsAreWithinTheBound() throws {
    let generator = try Self.generator.get()
    for seed in 2340..<2350 as Range<UInt64> {
      var random = RandomNumbers(seed: seed)
      let latent = generator.drawLatents(count: 1, from: &random)
      let observation = generator.evaluate(latent).values.map {
        $0 + Float(0.01 * (2 * random.uniform() - 1))
      }
      let problem = InverseProblem(
        generator, observation: observation, noise: UniformNoise(bound: 0.01))
      let solution = try problem.solved(by: ["type": "linf_lp"])
      let layer = try #require(solution.layerwise?.layers.last)
      let program = try #require(layer.program)
      #expect((program.objective ?? 1) <= 0.01 * (1 + 1e-6))
      #expect(RelativeError.of(solution.latent, latent.values) < 0.2)
    }
  }

  /// The deviations that the next layer is told are those of the estimates: over 400 entries the mean
  /// square of the error in units of its deviation is 1 within 0.2, three of its deviations.
  @Test func errorsOfHiddenUnitsAreAsLargeAsSaid() throws {
    let generator = try SmallGenerators.randomLinear(10, 60, seed: 2360)
    let chain = LayerChain(generator)
    var squares: [Double] = []
    for seed in 2361..<2401 as Range<UInt64> {
      var random = RandomNumbers(seed: seed)
      let latent = (0..<10).map { _ in random.normal() }
      let outputs = chain.signals(at: latent)[1].map { $0 + 0.05 * random.normal() }
      let inversion = try LayerwiseInversion(chain: chain, document: ["type": "linear_system"])
      let outcome = try inversion.invert(LayerObservation(precise: outputs, deviation: 0.05))
      for (entry, deviation) in outcome.latentDeviations.enumerated() {
        let error = (outcome.latent[entry] - latent[entry]) / deviation
        squares.append(error * error)
      }
    }
    #expect(abs(squares.reduce(0, +) / Double(squares.count) - 1) < 0.2)
  }

  /// Estimated end to end on the supports that were found, the latent is nearer to the truth than
  /// what the layers hand down, in the median of 30 draws.
  @Test func debiasingGainsWhatTheLayersLose() throws {
    let generator = try Self.generator.get()
    func errors(_ debias: Bool) throws -> [Double] {
      try (2410..<2440 as Range<UInt64>).map { seed in
        let planted = PlantedProblem(
          generator, IdentityMeasurement(count: 120), sigma: 0.01, seed: seed)
        let solution = try planted.problem.solved(
          by: ["type": "latent_pursuit", "debias": .bool(debias)])
        return planted.relativeError(of: solution)
      }
    }
    let ratio = try errors(true).sorted()[15] / errors(false).sorted()[15]
    #expect(ratio < 1)
  }

  /// What programs leave in their last digits is not taken for units that are on: errors are within a
  /// thousand times the noise, and the tolerance of programs where that is more.
  @Test(
    arguments: ["linear_system", "linf_lp", "l1_lp", "relaxed_lp", "latent_pursuit"],
    [1e-13, 1e-10, 1e-7])
  func littleNoiseDoesLittle(type: String, deviation: Double) throws {
    let generator = try SmallGenerators.ending(
      [5, 40, 120], ["type": "relu"], ["type": "sigmoid"], seed: 2450)
    let chain = LayerChain(generator)
    for seed in 2451..<2455 as Range<UInt64> {
      var random = RandomNumbers(seed: seed)
      let latent = (0..<5).map { _ in random.normal() }
      let outputs = chain.signals(at: latent)[2].map { $0 + deviation * random.normal() }
      let outcome = try LayerwiseInversion(chain: chain, document: ["type": .string(type)])
        .invert(LayerObservation(precise: outputs, deviation: deviation))
      let error = LayerwiseMethodTests.relativeError(outcome.latent, latent)
      #expect(error < max(1e3 * deviation, 1e-6))
    }
  }
}
