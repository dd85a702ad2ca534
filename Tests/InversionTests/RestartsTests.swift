import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Synchronization
import Testing

struct RestartsTests {
  /// An observation that a small ReLU network cannot have, with many poor local minima.
  private func hopeless(seed: UInt64) throws -> InverseProblem {
    let generator = try SmallGenerators.perceptron([4, 10, 30], ["type": "relu"], seed: seed)
    var random = RandomNumbers(seed: seed, stream: 9)
    return InverseProblem(generator, observation: random.normal(count: 1, width: 30).values)
  }

  @Test(arguments: [1, 2, 5, 23])
  func takesNoMoreStartsThanAllowed(restartsMax: Int) throws {
    for solver in ["automatic", "levenberg_marquardt", "adam"] {
      for seed in 820..<824 as Range<UInt64> {
        let solution = try hopeless(seed: seed).solved(
          by: ["type": .string(solver), "restarts_max": JSONValue(restartsMax)])
        #expect((1...restartsMax).contains(solution.restarts), "\(solver), seed \(seed)")
        #expect(solution.verdict == .underfit)
        if restartsMax == 1 || solver == "adam" { #expect(solution.restarts == restartsMax) }
      }
    }
  }

  /// One start, then three, then twice as many each time up to sixty-four.
  @Test func wavesGrow() throws {
    let reports = Mutex<[Int]>([])
    let control = SolveControl(report: { report in
      reports.withLock {
        if $0.last != report.restartsFinished { $0.append(report.restartsFinished) }
      }
    })
    let solution = try hopeless(seed: 825).solved(
      by: ["type": "levenberg_marquardt", "starts": "prior", "restarts_max": 64], control: control)
    let finished = reports.withLock { $0 }
    let waves = [0, 1, 4, 10, 22, 46, 64]
    #expect(
      waves.filter(finished.contains) == Array(waves.prefix(waves.filter(finished.contains).count)))
    #expect(finished.allSatisfy { waves.contains($0) })
    #expect(waves.contains(solution.restarts))
  }

  @Test func anEasyProblemTakesOneStart() throws {
    let generator = try SmallGenerators.randomLinear(4, 20, seed: 826)
    let solution = try PlantedProblem(generator, seed: 827).problem.solved()
    #expect(solution.restarts == 1)
    #expect(solution.solver == "levenberg_marquardt")
    #expect(solution.choice != nil)
  }

  /// A convex problem has one minimum: a few waves that find it are enough.
  @Test func startsThatAgreeAreEnough() throws {
    let generator = try SmallGenerators.randomLinear(3, 20, seed: 828)
    var random = RandomNumbers(seed: 829)
    let problem = InverseProblem(generator, observation: random.normal(count: 1, width: 20).values)
    let solution = try problem.solved(by: ["type": "levenberg_marquardt", "starts": "prior"])
    #expect(solution.restarts == 22)
    #expect(solution.verdict == .underfit)
  }

  /// With noise, a second wave looks for other latents that fit as well.
  @Test func noiseAsksForASecondWave() throws {
    let generator = try SmallGenerators.randomLinear(3, 20, seed: 830)
    let solution = try PlantedProblem(
      generator, IdentityMeasurement(count: 20), sigma: 0.1, seed: 831
    ).problem.solved()
    #expect(solution.restarts == 4)
  }

  /// Interrupted at once, there is still a latent, and the reason.
  @Test(arguments: SolverCatalogue.kinds.map(\.type))
  func interruptionsLeaveAnAnswer(type: String) throws {
    let problem = try hopeless(seed: 832)
    for (control, reason) in [
      (SolveControl(isCancelled: { true }), Termination.cancelled),
      (SolveControl(now: { 2 }, deadline: 1), .timeLimit),
    ] {
      let solution = try problem.solved(
        by: SolverDocument.of(type, latentCount: 4), control: control)
      #expect(solution.termination == reason)
      #expect(solution.iterations == 0)
      #expect(solution.latent.allSatisfy(\.isFinite) && solution.latent.count == 4)
      #expect(solution.verdict == .underfit)
    }
    let unlimited = try problem.solved(
      by: SolverDocument.of(type, latentCount: 4), control: SolveControl(now: { 2 }, deadline: nil))
    #expect(unlimited.termination != .timeLimit)
  }

  /// Noise of unknown size fits anything, but says nothing of how well the work was done.
  @Test func unknownNoiseDoesNotHideAnInterruption() throws {
    let generator = try SmallGenerators.perceptron([4, 10, 30], ["type": "tanh"], seed: 833)
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 30), sigma: 0.1, declared: GaussianNoise(sigma: nil),
      seed: 834)
    let cancelled = try planted.problem.solved(control: SolveControl(isCancelled: { true }))
    #expect(cancelled.termination == .cancelled)
    let short = try planted.problem.solved(
      by: ["type": "adam", "iterations_max": 3, "starts": "prior"])
    #expect(short.termination == .iterationLimit)
    let whole = try planted.problem.solved()
    #expect(whole.termination == .converged)
    #expect(whole.verdict == .consistent)
    #expect(whole.certificate.isSigmaEstimated)
    #expect(abs((whole.certificate.sigma ?? 0) - 0.1) < 0.05)
  }
}
