import CAllocations
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

struct TruncatedGaussNewtonTests {
  /// From a latent, to the solver's own end.
  private func end(
    of solver: some IterativeSolver, on objective: LeastSquares, from latents: Batch
  ) -> SolverRows {
    IterationLoop().run(solver, objective, from: latents) { _, _ in }.rows
  }

  private func starts(near latent: [Float], _ count: Int, seed: UInt64) -> Batch {
    var random = RandomNumbers(seed: seed, stream: 7)
    return Batch(
      rows: (0..<count).map { _ in latent.map { $0 + Float(0.3 * random.normal()) } },
      width: latent.count)
  }

  /// Against the normal equations, where the observation is out of reach. The residual's rounding
  /// hides what is left of the gradient at about 1e-5.
  @Test(arguments: 1100..<1106 as Range<UInt64>)
  func reachesTheLeastSquaresSolution(seed: UInt64) throws {
    let generator = try SmallGenerators.randomLinear(8, 40, seed: seed)
    var random = RandomNumbers(seed: seed, stream: 8)
    let problem = InverseProblem(
      generator, observation: random.normal(count: 1, width: 40).values,
      noise: GaussianNoise(sigma: nil))
    let zero = Batch(zeros: 1, width: 8)
    let rows = end(of: TruncatedGaussNewton(), on: problem.objective, from: zero)
    #expect(rows.terminations == [.converged])
    let model = problem.objective.normalEquations(at: zero)[0]
    let solution = try #require(model.gram.cholesky()).solve(model.gradient).map { Float(-$0) }
    #expect(RelativeError.of(rows.latents.values, solution) < 1e-4)
  }

  /// Noisy observations: the minimum is no zero, so that only its place is shared.
  @Test(arguments: ["tanh", "leaky_relu"], 1110..<1116 as Range<UInt64>)
  func endsWhereLevenbergMarquardtEnds(activation: String, seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron(
      [5, 20, 40], ["type": .string(activation)], seed: seed)
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 40), sigma: 0.01, seed: seed)
    let start = Batch(row: planted.latent)
    let rows = end(of: TruncatedGaussNewton(), on: planted.problem.objective, from: start)
    let full = end(of: LevenbergMarquardt(), on: planted.problem.objective, from: start)
    #expect(RelativeError.of(rows.latents.values, full.latents.values) < 1e-4)
    #expect(abs(rows.losses[0] - full.losses[0]) < 1e-4 * full.losses[0])
  }

  /// With a prior too, whether it is a ridge or further residuals.
  @Test(arguments: 1116..<1120 as Range<UInt64>)
  func endsAtTheMostProbableLatent(seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron([5, 20, 40], ["type": "tanh"], seed: seed)
    let planted = PlantedProblem(
      generator, IdentityMeasurement(count: 40), sigma: 0.2, seed: seed)
    let problem = InverseProblem(
      generator: generator, measurement: IdentityMeasurement(count: 40),
      observation: planted.problem.observation, noise: GaussianNoise(sigma: 0.2), prior: .latent)
    let start = Batch(row: planted.latent)
    let rows = end(of: TruncatedGaussNewton(), on: problem.objective, from: start)
    let full = end(of: LevenbergMarquardt(), on: problem.objective, from: start)
    #expect(RelativeError.of(rows.latents.values, full.latents.values) < 1e-3)
    let likeliest = end(of: LevenbergMarquardt(), on: planted.problem.objective, from: start)
    #expect(RelativeError.of(rows.latents.values, likeliest.latents.values) > 2e-3)
  }

  @Test(arguments: PlantedLatentTests.cases)
  func findsPlantedLatents(planted: PlantedLatentTests.Case) throws {
    for seed in 800..<808 as Range<UInt64> {
      let generator = try SmallGenerators.perceptron(planted.widths, planted.activation, seed: seed)
      let problem = PlantedProblem(generator, seed: seed)
      let solution = try problem.problem.solved(by: ["type": "gauss_newton_cg"])
      #expect(problem.relativeError(of: solution) < 1e-3, "seed \(seed)")
      #expect(solution.verdict == .recovered && solution.solver == "gauss_newton_cg")
    }
  }

  /// Rows share products, whose rounding depends on the size of a batch, and nothing else. Three
  /// steps of conjugate gradients make more of a rounding of 1e-7; 2e-5 was seen.
  @Test(arguments: 1120..<1124 as Range<UInt64>)
  func rowsDoNotKnowOfEachOther(seed: UInt64) throws {
    let generator = try SmallGenerators.perceptron([5, 20, 40], ["type": "tanh"], seed: seed)
    let planted = PlantedProblem(generator, seed: seed)
    let starts = starts(near: planted.latent, 6, seed: seed)
    let solver = TruncatedGaussNewton(iterationsMax: 3)
    let together = end(of: solver, on: planted.problem.objective, from: starts)
    for row in 0..<6 {
      let alone = end(of: solver, on: planted.problem.objective, from: starts.rows([row]))
      #expect(RelativeError.of(together.latents[row], alone.latents.values) < 1e-4, "row \(row)")
    }
  }

  /// Two thousand latent entries without a block of memory that could hold even `J^T J`.
  @Test(.enabled(if: callocations_counts()))
  func formsNoJacobian() throws {
    let count = 2000
    let generator = try SmallGenerators.perceptron([count, 3000], ["type": "tanh"], seed: 1130)
    let planted = PlantedProblem(generator, seed: 1130)
    let objective = planted.problem.objective
    let start = Batch(row: planted.latent.map { 0.9 * $0 })
    callocations_reset(Int64(4 * count * count))
    let rows = end(
      of: TruncatedGaussNewton(iterationsMax: 8), on: objective, from: start)
    let found = callocations_read()
    #expect(found.large == 0)
    #expect(rows.losses[0] < 1e-3 * objective.losses(at: start)[0])
    callocations_reset(Int64(4 * count * count))
    _ = objective.normalEquations(at: start)
    let formed = callocations_read()
    #expect(formed.large > 0)
  }

  /// Fewer products than a Jacobian has columns, where few directions matter.
  @Test func spendsLessThanAJacobian() throws {
    let generator = try SmallGenerators.perceptron([300, 900], ["type": "tanh"], seed: 1140)
    let planted = PlantedProblem(generator, seed: 1140)
    let start = Batch(row: planted.latent.map { 0.9 * $0 })
    let target = 1e-6 * planted.problem.objective.losses(at: start)[0]
    func work(_ solver: some IterativeSolver) -> Double {
      let outcome = IterationLoop(lossTarget: target).run(
        solver, planted.problem.objective, from: start
      ) { _, _ in }
      #expect(outcome.rows.losses[0] <= target)
      return outcome.rows.forwardEquivalents
    }
    #expect(work(TruncatedGaussNewton()) < work(LevenbergMarquardt()) / 2)
  }

  /// Where weights are used many times and the latent is long, it finishes what L-BFGS began.
  @Test func isChosenForLongLatents() throws {
    var random = RandomNumbers(seed: 1150)
    func tensor(_ shape: [Int], fanIn: Int) -> Tensor {
      let scale = Float((2 / Double(fanIn)).squareRoot())
      let values = random.normal(count: 1, width: shape.reduce(1, *)).values
      return Tensor(shape: shape, values: values.map { scale * $0 })
    }
    let count = 352
    let generator = try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [352, 1, 1]], "output": ["shape": [3, 16, 16]],
        "layers": [
          ["type": "conv_transpose2d", "weight": "a"], ["type": "relu"],
          ["type": "conv_transpose2d", "weight": "b", "stride": 2, "padding": 1],
          ["type": "relu"],
          ["type": "conv_transpose2d", "weight": "c", "stride": 2, "padding": 1],
          ["type": "tanh"],
        ],
      ],
      tensors: [
        "a": tensor([count, 128, 4, 4], fanIn: count), "b": tensor([128, 64, 4, 4], fanIn: 512),
        "c": tensor([64, 3, 4, 4], fanIn: 2048),
      ])
    let planted = PlantedProblem(generator, seed: 1151)
    let solution = try planted.problem.solved()
    #expect(solution.solver == "lbfgs+gauss_newton_cg")
    #expect(solution.choice?.contains("gauss_newton_cg") == true)
    #expect(planted.relativeError(of: solution) < 1e-3)
  }
}
