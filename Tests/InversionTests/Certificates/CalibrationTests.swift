import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Nominal 90 % intervals cover 85 to 95 % of the truths, over those noisy trials whose certificate
/// says that its intervals hold.
struct CalibrationTests {
  /// What intervals covered, over many trials.
  struct Coverage: CustomStringConvertible {
    var latent = (covered: 0, count: 0)
    var signal = (covered: 0, count: 0)
    var trials = 0
    var held = 0

    var latentShare: Double { Double(latent.covered) / Double(max(latent.count, 1)) }
    var signalShare: Double { Double(signal.covered) / Double(max(signal.count, 1)) }
    var description: String {
      "held \(held) of \(trials); latents \(latentShare), signals \(signalShare)"
    }

    mutating func add(_ planted: PlantedProblem, _ solution: Solution) {
      trials += 1
      guard let holds = solution.certificate.doIntervalsHold,
        let latents = solution.certificate.latentDeviations,
        let signals = solution.certificate.reconstructionDeviations
      else { return }
      guard holds else { return }
      held += 1
      func isCovered(_ found: Float, _ truth: Float, _ deviation: Double) -> Bool {
        // The normal distribution's 95 % quantile.
        Double(abs(found - truth)) <= 1.6449 * deviation
      }
      for (entry, deviation) in latents.enumerated() {
        guard let deviation else { continue }
        latent.count += 1
        if isCovered(solution.latent[entry], planted.latent[entry], deviation) {
          latent.covered += 1
        }
      }
      let truth = planted.problem.generator.evaluate(Batch(row: planted.latent)).values
      for (entry, deviation) in signals.enumerated() where deviation.isFinite && deviation > 0 {
        signal.count += 1
        if isCovered(solution.reconstruction[entry], truth[entry], Double(deviation)) {
          signal.covered += 1
        }
      }
    }
  }

  private func coverage(
    _ generator: Generator, _ measurement: any Measurement, sigma: Double,
    declared: (any NoiseModel)? = nil,
    trials: Range<UInt64>
  ) throws -> Coverage {
    var coverage = Coverage()
    let library = EncoderLibrary()
    for seed in trials {
      let planted = PlantedProblem(
        generator, measurement, sigma: sigma, declared: declared, seed: seed)
      coverage.add(
        planted, try planted.problem.solved(by: ["type": "automatic"], library: library))
    }
    return coverage
  }

  /// With 800 independent entries one standard error is 1.1 %: the band is 4.7 of them wide on
  /// either side. Estimated noise makes the errors Student's, with 26 degrees of freedom: 89 %.
  @Test(arguments: [0.003, 0.01, 0.03, 0.1], [true, false])
  func randomNetworksCoverWhatTheySay(sigma: Double, isDeclared: Bool) throws {
    let generator = try SmallGenerators.perceptron(
      [4, 16, 40], ["type": "relu"], final: false, seed: 960)
    let mask = MaskMeasurement(entries: Array(0..<30), signalCount: 40)
    let coverage = try coverage(
      generator, mask, sigma: sigma,
      declared: GaussianNoise(sigma: isDeclared ? sigma : nil), trials: 6000..<6400)
    #expect(coverage.held >= 200, "\(coverage)")
    #expect((0.85...0.95).contains(coverage.latentShare), "\(coverage)")
    #expect((0.85...0.95).contains(coverage.signalShare), "\(coverage)")
  }

  /// Smooth networks have no region: there, it is the linear model itself that is checked.
  @Test(arguments: [0.003, 0.03, 0.1])
  func smoothNetworksCoverWhatTheySay(sigma: Double) throws {
    let generator = try SmallGenerators.perceptron([4, 16, 40], ["type": "tanh"], seed: 961)
    let coverage = try coverage(
      generator, IdentityMeasurement(count: 40), sigma: sigma, trials: 7000..<7300)
    #expect(coverage.held >= 100, "\(coverage)")
    #expect((0.85...0.95).contains(coverage.latentShare), "\(coverage)")
    #expect((0.85...0.95).contains(coverage.signalShare), "\(coverage)")
  }

  /// Three numbers for four latents: with the prior, what is open is as uncertain as the prior has
  /// it, and intervals are those of the posterior. 1600 latents, one standard error is 0.8 %.
  @Test func priorsAreCounted() throws {
    let generator = try SmallGenerators.randomLinear(4, 40, seed: 963)
    let mask = MaskMeasurement(entries: [3, 9, 11], signalCount: 40)
    var coverage = Coverage()
    let library = EncoderLibrary()
    for seed in 8100..<8500 as Range<UInt64> {
      let planted = PlantedProblem(generator, mask, sigma: 0.1, seed: seed)
      let problem = InverseProblem(
        generator: generator, measurement: mask, observation: planted.problem.observation,
        noise: GaussianNoise(sigma: 0.1), prior: .latent)
      let solution = try problem.solved(
        by: ["type": "levenberg_marquardt", "restarts_max": 1], library: library)
      #expect(solution.certificate.reconstructionDeviations?.allSatisfy(\.isFinite) == true)
      #expect(solution.certificate.activationRegion?.leastSquares == nil)
      coverage.add(planted, solution)
    }
    #expect(coverage.held >= 350, "\(coverage)")
    #expect((0.87...0.93).contains(coverage.latentShare), "\(coverage)")
    #expect((0.85...0.95).contains(coverage.signalShare), "\(coverage)")
  }

  /// Noise as large as the signal is said to be beyond the linear model.
  @Test func largeNoiseIsWarnedOf() throws {
    let generator = try SmallGenerators.perceptron(
      [4, 16, 40], ["type": "relu"], final: false, seed: 962)
    let coverage = try coverage(
      generator, IdentityMeasurement(count: 40), sigma: 2, trials: 8000..<8050)
    #expect(coverage.held <= 5, "\(coverage)")
  }

  @Test(
    .enabled(if: SharedGenerators.arePresent, "needs the folder of shared generators"),
    arguments: [1e-4, 1e-3, 1e-2, 0.03])
  func trainedGeneratorsCoverWhatTheySay(sigma: Double) throws {
    let generator = try SharedGenerators.generator("lei-vae-leaky")
    let coverage = try coverage(
      generator, IdentityMeasurement(count: generator.outputCount), sigma: sigma,
      trials: 9000..<9060)
    #expect(coverage.held >= 30, "\(coverage)")
    #expect((0.85...0.95).contains(coverage.latentShare), "\(coverage)")
    #expect((0.85...0.95).contains(coverage.signalShare), "\(coverage)")
  }
}
