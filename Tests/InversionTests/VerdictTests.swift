import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Each verdict where it is earned, and not where it is not.
struct VerdictTests {
  @Test func recoveredNeedsSeveralNumbersBeyondTheLatents() throws {
    let generator = try SmallGenerators.randomLinear(4, 30, seed: 900)
    for (count, verdict) in [
      (9, Verdict.recovered), (30, .recovered), (8, .consistent), (4, .consistent),
    ] {
      let mask = MaskMeasurement(entries: Array(0..<count), signalCount: 30)
      let planted = PlantedProblem(generator, mask, seed: 901)
      let solution = try planted.problem.solved()
      #expect(solution.verdict == verdict, "\(count) numbers")
      #expect(planted.relativeError(of: solution) < 1e-3)
    }
  }

  @Test func declaredNoiseThatFitsIsRecovered() throws {
    let generator = try SmallGenerators.perceptron([4, 20, 60], ["type": "tanh"], seed: 902)
    for seed in 903..<909 as Range<UInt64> {
      let planted = PlantedProblem(
        generator, IdentityMeasurement(count: 60), sigma: 0.02, seed: seed)
      let solution = try planted.problem.solved()
      #expect(solution.verdict == .recovered)
      #expect(planted.relativeError(of: solution) < 0.2)
    }
  }

  @Test func whatIsNotInTheRangeIsUnderfit() throws {
    let generator = try SmallGenerators.perceptron([4, 20, 60], ["type": "tanh"], seed: 910)
    var random = RandomNumbers(seed: 911)
    let observation = random.normal(count: 1, width: 60).values
    for noise in [NoNoise(), GaussianNoise(sigma: 0.05)] as [any NoiseModel] {
      let problem = InverseProblem(generator, observation: observation, noise: noise)
      #expect(try problem.solved().verdict == .underfit)
    }
    // The same data with errors as large as they are fit, of course.
    let problem = InverseProblem(
      generator, observation: observation, noise: GaussianNoise(sigma: 2))
    #expect(try problem.solved().verdict != .underfit)
  }

  @Test func noiseOfUnknownSizeNeverClaimsRecovery() throws {
    let generator = try SmallGenerators.randomLinear(3, 30, seed: 912)
    for seed in 913..<917 as Range<UInt64> {
      let planted = PlantedProblem(
        generator, IdentityMeasurement(count: 30), sigma: 0.01, declared: GaussianNoise(sigma: nil),
        seed: seed)
      #expect(try planted.problem.solved().verdict == .consistent)
    }
  }

  /// `G(z) = |W z|`, made of two ReLUs an entry: `z` and `-z` are the same to it.
  @Test func mirroredLatentsAreAmbiguousOnceBothAreFound() throws {
    var random = RandomNumbers(seed: 918)
    let rows = (0..<12).map { _ in (0..<3).map { _ in Float(random.normal()) } }
    let both = (rows + rows.map { $0.map { -$0 } }).flatMap { $0 }
    let sum = (0..<12).flatMap { row in (0..<24).map { $0 % 12 == row ? Float(1) : 0 } }
    let generator = try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [3]], "output": ["shape": [12]],
        "layers": [
          ["type": "linear", "weight": "a"], ["type": "relu"], ["type": "linear", "weight": "b"],
        ],
      ],
      tensors: [
        "a": Tensor(shape: [24, 3], values: both), "b": Tensor(shape: [12, 24], values: sum),
      ])
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 12), sigma: 0.001, seed: 919)
    let solution = try planted.problem.solved(
      by: ["type": "adam", "restarts_max": 16, "starts": "prior", "iterations_max": 2000])
    #expect(solution.verdict == .ambiguous)
    let mirrored = try #require(solution.certificate.alternatives.first)
    let length = sumOfSquares(solution.latent).squareRoot()
    #expect(abs(mirrored.distance - 2 * length) < 0.02 * length)
    #expect(
      mirrored.loss <= 2 * planted.problem.objective.losses(at: Batch(row: solution.latent))[0])
    #expect(RelativeError.of(mirrored.latent.map { -$0 }, solution.latent) < 0.01)
  }

  /// Declared errors below the rounding of single precision are met as well as rounding allows.
  @Test func noiseBelowRoundingIsNotUnderfit() throws {
    let generator = try SmallGenerators.randomLinear(3, 30, seed: 920)
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 30), declared: GaussianNoise(sigma: 1e-12), seed: 921)
    let solution = try planted.problem.solved()
    #expect(solution.verdict == .recovered && solution.termination == .converged)
  }

  /// Ends of descents that the noise cannot tell apart are one answer.
  @Test func latentsWithinTheNoiseAreNoAlternatives() throws {
    let generator = try SmallGenerators.perceptron([4, 20, 60], ["type": "relu"], seed: 930)
    for seed in 931..<937 as Range<UInt64> {
      let planted = PlantedProblem(
        generator, IdentityMeasurement(count: 60), sigma: 0.3, seed: seed)
      let solution = try planted.problem.solved()
      let precision = try #require(planted.problem.precision(at: solution.latent))
      for alternative in solution.certificate.alternatives {
        let step = zip(alternative.latent, solution.latent).map { Double($0 - $1) }
        #expect(precision.product(step, step) > 4 + 3 * 8.0.squareRoot(), "seed \(seed)")
      }
    }
  }
}
