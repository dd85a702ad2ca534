import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

struct LeastSquaresTests {
  /// The gradient against differences of the loss, `J^T J` against differences of the residual.
  private func check(_ objective: LeastSquares, seed: UInt64) {
    var random = RandomNumbers(seed: seed)
    let count = objective.latentCount
    let z = random.normal(count: 3, width: count)
    let models = objective.normalEquations(at: z)
    let (losses, gradients) = objective.gradients(at: z)
    #expect(objective.losses(at: z) == losses)
    for row in 0..<3 {
      let model = models[row]
      #expect(abs(model.loss - losses[row]) <= 1e-6 * losses[row])
      let step: Float = 1e-2
      var columns: [[Float]] = []
      var slopes: [Double] = []
      for entry in 0..<count {
        func moved(_ by: Float) -> Batch {
          var latent = Array(z[row])
          latent[entry] += by
          return Batch(row: latent)
        }
        let (ahead, behind) = (moved(step), moved(-step))
        slopes.append(
          (objective.losses(at: ahead)[0] - objective.losses(at: behind)[0]) / Double(2 * step))
        columns.append(
          zip(objective.residual.evaluate(ahead).values, objective.residual.evaluate(behind).values)
            .map { ($0 - $1) / (2 * step) })
      }
      let length = slopes.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for entry in 0..<count {
        #expect(abs(model.gradient[entry] - slopes[entry]) < 5e-3 * length, "seed \(seed)")
        #expect(
          abs(Double(gradients[row][gradients[row].startIndex + entry]) - model.gradient[entry])
            < 1e-4 * length)
        for other in 0..<count {
          let product = zip(columns[entry], columns[other]).reduce(0.0) { $0 + Double($1.0 * $1.1) }
          #expect(abs(model.gram[entry, other] - product) < 1e-2 * model.gram.meanDiagonal)
        }
      }
    }
  }

  @Test(arguments: [701, 702, 703] as [UInt64])
  func normalEquationsAreDerivatives(seed: UInt64) throws {
    let smooth = try SmallGenerators.perceptron([4, 12, 20], ["type": "tanh"], seed: seed)
    check(PlantedProblem(smooth, seed: seed).problem.objective, seed: seed)
    let mask = MaskMeasurement(entries: [19, 3, 7, 11, 2, 5], signalCount: 20)
    check(PlantedProblem(smooth, mask, seed: seed).problem.objective, seed: seed)
  }

  /// Away from kinks, the objective before the last activation has its derivative too.
  @Test(arguments: [704, 705] as [UInt64])
  func liftedNormalEquationsAreDerivatives(seed: UInt64) throws {
    let generator = try SmallGenerators.linear(
      (0..<9).map { row in (0..<3).map { Float((row * 5 + $0 * 7) % 11) - 5 } },
      then: ["type": "leaky_relu", "negative_slope": 0.1])
    check(try #require(PlantedProblem(generator, seed: seed).problem.lifted), seed: seed)
  }

  /// A unit that is clipped, above or below, pulls only inputs that it would not have clipped.
  @Test func liftedObjectivesStopWhereTheActivationClips() throws {
    let generator = try SmallGenerators.linear(
      [[1], [1], [1]], then: ["type": "hardtanh", "min_val": -1, "max_val": 2])
    func losses(_ observation: [Float]) throws -> [Double] {
      let problem = InverseProblem(
        generator, observation: observation, noise: NoNoise())
      let latents = Batch(rows: [[-3], [-1], [0.5], [2], [3]], width: 1)
      return try #require(problem.lifted).losses(at: latents)
    }
    #expect(try losses([2, 2, 2]) == [37.5, 13.5, 3.375, 0, 0])
    #expect(try losses([-1, -1, -1]) == [0, 0, 3.375, 13.5, 24])
    #expect(try losses([0.5, 0.5, 0.5]) == [18.375, 3.375, 0, 3.375, 9.375])
  }

  /// Where most outputs are off, they are left out of the model, and it is the same model.
  @Test(arguments: [706, 707, 708] as [UInt64])
  func outputsThatAreOffChangeNothing(seed: UInt64) throws {
    var random = RandomNumbers(seed: seed, stream: 2)
    func tensor(_ rows: Int, _ columns: Int) -> Tensor {
      Tensor(
        shape: [rows, columns], values: (0..<rows * columns).map { _ in Float(random.normal()) })
    }
    let generator = try Generator(
      architecture: [
        "version": 1, "latent": ["shape": [4]], "output": ["shape": [50]],
        "layers": [
          ["type": "linear", "weight": "a"], ["type": "tanh"],
          ["type": "linear", "weight": "b", "bias": "c"], ["type": "relu"],
        ],
      ],
      tensors: [
        "a": tensor(10, 4), "b": tensor(50, 10),
        "c": Tensor(shape: [50], values: [Float](repeating: -3, count: 50)),
      ])
    let problem = PlantedProblem(generator, seed: seed).problem
    let z = random.normal(count: 3, width: 4)
    for objective in [problem.objective, try #require(problem.lifted)] {
      let models = objective.normalEquations(at: z)
      let columns = objective.residual.linearize(at: z).jacobian.columns(for: 3)
      let (losses, gradients) = objective.gradients(at: z)
      for row in 0..<3 {
        #expect(models[row].loss == losses[row])
        let scale = models[row].gram.meanDiagonal
        for entry in 0..<4 {
          let gradient = gradients.values[row * 4 + entry]
          #expect(abs(models[row].gradient[entry] - Double(gradient)) <= 1e-4 * (1 + scale))
          for other in 0..<4 {
            let product = zip(columns[row * 4 + entry], columns[row * 4 + other])
              .reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            #expect(abs(models[row].gram[entry, other] - product) <= 1e-5 * (1 + scale))
          }
        }
      }
    }
  }

  @Test func liftsWhatCanBeLifted() throws {
    func lifted(_ activation: JSONValue?, noise: any NoiseModel = NoNoise()) throws -> LeastSquares?
    {
      let generator = try SmallGenerators.perceptron([3, 8, 12], activation, seed: 706)
      return InverseProblem(
        generator, observation: [Float](repeating: 0.5, count: 12), noise: noise
      )
      .lifted
    }
    #expect(try lifted(["type": "relu"]) != nil)
    #expect(try lifted(["type": "leaky_relu"]) != nil)
    #expect(try lifted(["type": "hardtanh"]) != nil)
    #expect(try lifted(["type": "tanh"]) == nil)
    #expect(try lifted(["type": "sigmoid"]) == nil)
    #expect(try lifted(nil) == nil)
    #expect(try lifted(["type": "relu"], noise: GaussianNoise(sigma: 0.1)) == nil)
    #expect(try lifted(["type": "relu"], noise: GaussianNoise(sigma: nil)) == nil)
  }

  /// Zero at the planted latent, like the objective itself, and nowhere else near it.
  @Test(arguments: ["relu", "leaky_relu", "piecewise_linear"])
  func liftedObjectivesHaveTheSameZeros(type: String) throws {
    for seed in 710..<730 as Range<UInt64> {
      let generator = try SmallGenerators.perceptron(
        [4, 20, 40], ["type": .string(type)], seed: seed)
      let planted = PlantedProblem(generator, seed: seed)
      let lifted = try #require(planted.problem.lifted)
      let objective = planted.problem.objective
      let truth = Batch(row: planted.latent)
      #expect(objective.losses(at: truth)[0] <= 1e-12 * objective.scale, "seed \(seed)")
      #expect(lifted.losses(at: truth)[0] <= 1e-11 * objective.scale, "seed \(seed)")
      var random = RandomNumbers(seed: seed, stream: 5)
      let others = random.normal(count: 20, width: 4)
      for (loss, liftedLoss) in zip(objective.losses(at: others), lifted.losses(at: others)) {
        #expect(loss > 1e-4 * objective.scale)
        // What is met before an activation that shortens distances is met behind it.
        #expect(liftedLoss >= 0.999 * loss)
      }
    }
  }

  @Test func lossesThatAreNotFiniteAreInfinite() throws {
    let generator = try SmallGenerators.randomLinear(2, 3, seed: 731)
    let problem = InverseProblem(generator, observation: [1, 2, 3])
    let losses = problem.objective.losses(
      at: Batch(rows: [[.nan, 0], [.infinity, 1], [3e38, 3e38], [0, 0]], width: 2))
    #expect(losses[0] == .infinity && losses[1] == .infinity)
    #expect(losses[3].isFinite)
    #expect(losses.allSatisfy { !$0.isNaN })
  }

  /// What is nothing but rounding does not depend on the noise.
  @Test func roundingFollowsTheObservation() throws {
    let generator = try SmallGenerators.randomLinear(2, 10, seed: 732)
    for noise in [NoNoise(), GaussianNoise(sigma: 0.5), GaussianNoise(sigma: nil)]
      as [any NoiseModel]
    {
      let problem = InverseProblem(
        generator, observation: [Float](repeating: 1, count: 10), noise: noise)
      #expect(problem.roundingLoss == 1e-11 * 5)
    }
    let lost = InverseProblem(generator, observation: [Float](repeating: .infinity, count: 10))
    #expect(lost.roundingLoss == 0)
  }
}
