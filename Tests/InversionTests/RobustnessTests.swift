import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Numbers that leave the range of the arithmetic, and problems without a derivative, end in an
/// honest termination and never in a NaN.
struct RobustnessTests {
  static let solvers = SolverCatalogue.kinds.map(\.type)

  private func expectHonest(_ solution: Solution, latentCount: Int) {
    #expect(solution.latent.count == latentCount && solution.latent.allSatisfy(\.isFinite))
    #expect(solution.reconstruction.allSatisfy { !$0.isNaN })
    let residual = solution.residual
    #expect(![residual.l2, residual.relative, residual.linf, residual.rms].contains { $0.isNaN })
    #expect(!solution.certificate.singularValues.contains { $0.isNaN })
    #expect(solution.certificate.latentDeviations?.contains { $0?.isNaN == true } != true)
    #expect(!solution.trace.losses.contains { !$0.isFinite })
  }

  @Test(arguments: solvers, [Float.nan, .infinity, -.infinity])
  func observationsThatAreNotFinite(solver: String, bad: Float) throws {
    for activation in ["relu", "tanh", "leaky_relu"] {
      let generator = try SmallGenerators.perceptron(
        [3, 8, 12], ["type": .string(activation)], seed: 840)
      for noise in [NoNoise(), GaussianNoise(sigma: 0.1), GaussianNoise(sigma: nil)]
        as [any NoiseModel]
      {
        let observation = [bad] + [Float](repeating: 0.5, count: 11)
        let problem = InverseProblem(generator, observation: observation, noise: noise)
        let solution = try problem.solved(
          by: SolverDocument.of(solver, latentCount: 3, restarts: 2))
        expectHonest(solution, latentCount: 3)
        #expect(solution.termination == .nonFinite, "\(activation), \(noise)")
        #expect(solution.verdict == .underfit, "\(activation), \(noise)")
      }
    }
  }

  /// Weights whose product overflows: no latent but zero has a finite output.
  @Test(arguments: solvers)
  func weightsThatOverflow(solver: String) throws {
    let huge = try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [2]], "output": ["shape": [3]],
        "layers": [["type": "linear", "weight": "a"], ["type": "linear", "weight": "b"]],
      ],
      tensors: [
        "a": Tensor(shape: [2, 2], values: [3e38, 1e38, -2e38, 3e38]),
        "b": Tensor(shape: [3, 2], values: [3e38, 1e38, 2e38, -3e38, 1e38, 1e38]),
      ])
    for noise in [NoNoise(), GaussianNoise(sigma: 1), GaussianNoise(sigma: nil)] as [any NoiseModel]
    {
      let problem = InverseProblem(huge, observation: [1, 2, 3], noise: noise)
      let solution = try problem.solved(by: SolverDocument.of(solver, latentCount: 2, restarts: 3))
      expectHonest(solution, latentCount: 2)
      #expect(solution.termination == .nonFinite)
      #expect(solution.verdict == .underfit)
    }
  }

  /// `G(z) = b`: every latent explains `b`, and none anything else.
  @Test(arguments: solvers)
  func constantGenerators(solver: String) throws {
    let constant = try SmallGenerators.linear(
      [[0, 0], [0, 0], [0, 0]], offset: [1, 2, 3], then: ["type": "relu"])
    let met = try InverseProblem(constant, observation: [1, 2, 3]).solved(
      by: SolverDocument.of(solver, latentCount: 2))
    expectHonest(met, latentCount: 2)
    #expect(met.termination == .converged && met.verdict == .ambiguous)
    #expect(met.certificate.rank == 0 && met.certificate.deadLatents == [0, 1])
    #expect(met.certificate.conditionNumber == .infinity)
    let missed = try InverseProblem(constant, observation: [3, 2, 1]).solved(
      by: SolverDocument.of(solver, latentCount: 2))
    expectHonest(missed, latentCount: 2)
    let endings: [Termination] = [.stalled, .infeasible]
    #expect(endings.contains(missed.termination) && missed.verdict == .underfit)
  }

  /// A network whose units are all off at every latent near: no derivative to follow, and a
  /// certificate that says so.
  @Test(arguments: solvers)
  func networksThatAreOff(solver: String) throws {
    var random = RandomNumbers(seed: 844)
    func values(_ count: Int) -> [Float] { (0..<count).map { _ in Float(random.normal()) } }
    let off = try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [3]], "output": ["shape": [12]],
        "layers": [
          ["type": "linear", "weight": "a"], ["type": "tanh"],
          ["type": "linear", "weight": "b", "bias": "c"], ["type": "relu"],
        ],
      ],
      tensors: [
        "a": Tensor(shape: [5, 3], values: values(15)),
        "b": Tensor(shape: [12, 5], values: values(60)),
        "c": Tensor(shape: [12], values: [Float](repeating: -100, count: 12)),
      ])
    let met = try InverseProblem(off, observation: [Float](repeating: 0, count: 12)).solved(
      by: SolverDocument.of(solver, latentCount: 3))
    expectHonest(met, latentCount: 3)
    #expect(met.verdict == .ambiguous && met.termination == .converged)
    #expect(met.certificate.rank == 0 && met.certificate.singularValues.count == 3)
    #expect(met.certificate.deadLatents == [0, 1, 2])
    let missed = try InverseProblem(off, observation: [Float](repeating: 1, count: 12)).solved(
      by: SolverDocument.of(solver, latentCount: 3, restarts: 3))
    expectHonest(missed, latentCount: 3)
    #expect(missed.verdict == .underfit)
  }

  /// Nothing but zeros was seen of a ReLU network: half the latents explain that.
  @Test(arguments: solvers)
  func observationsOfZeros(solver: String) throws {
    let generator = try SmallGenerators.linear([[1, 0], [0, 1], [1, 1]], then: ["type": "relu"])
    let solution = try InverseProblem(generator, observation: [0, 0, 0]).solved(
      by: SolverDocument.of(solver, latentCount: 2))
    expectHonest(solution, latentCount: 2)
    #expect(solution.verdict != .recovered)
    if solution.residual.l2 == 0 { #expect(solution.termination == .converged) }
  }

  /// Scales far from one are not the solver's business.
  @Test(arguments: [1e-12, 1e-6, 1e6, 1e12] as [Float])
  func scalesDoNotMatter(scale: Float) throws {
    var random = RandomNumbers(seed: 845)
    let rows = (0..<20).map { _ in (0..<4).map { _ in scale * Float(random.normal()) } }
    for activation in [nil, ["type": "relu"]] as [JSONValue?] {
      let planted = PlantedProblem(try SmallGenerators.linear(rows, then: activation), seed: 846)
      let solution = try planted.problem.solved()
      #expect(planted.relativeError(of: solution) < 1e-3)
      #expect(solution.verdict == .recovered)
    }
  }
}
