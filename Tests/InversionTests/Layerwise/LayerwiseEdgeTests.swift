import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// Where a layer says too little, or nothing, or cannot be taken apart at all.
struct LayerwiseEdgeTests {
  private func refusal(
    _ type: JSONValue, of generator: Generator,
    through measurement: (any Measurement)? = nil
  ) throws -> DocumentError? {
    let measurement = measurement ?? IdentityMeasurement(count: generator.outputCount)
    let solver = try SolverCatalogue.build(type)
    do {
      try solver.check(measurement)
      try solver.check(generator, through: measurement)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func branchesAreRefusedByName(type: String) throws {
    let generator = try SmallGenerators.residual(width: 4, outputs: 20, seed: 2200)
    let document = LayerwiseMethodTests.document(type, latent: [1, 2, 3, 4])
    let error = try #require(try refusal(document, of: generator))
    #expect(error.kind == .unprocessable && error.fields.map(\.pointer) == ["/solver"])
    #expect(error.description.contains("layer 2 (add)"))
    #expect(error.description.contains("levenberg_marquardt"))
    #expect(!error.description.contains("linear_system,"))
  }

  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func activationsWithoutInverseAreRefusedByName(type: String) throws {
    let generator = try SmallGenerators.perceptron([4, 20, 40], ["type": "silu"], seed: 2201)
    let document = LayerwiseMethodTests.document(type, latent: [1, 2, 3, 4])
    let error = try #require(try refusal(document, of: generator))
    #expect(error.kind == .unprocessable && error.description.contains("layer 1 (SiLU)"))
  }

  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func mixedPixelsAreRefused(type: String) throws {
    let generator = try SmallGenerators.perceptron([4, 20, 40], ["type": "relu"], seed: 2202)
    let measurement = try MeasurementCatalogue.build(
      ["type": "gaussian", "rows": 20, "seed": 1], signalShape: generator.outputShape)
    let document = LayerwiseMethodTests.document(type, latent: [1, 2, 3, 4])
    let error = try #require(try refusal(document, of: generator, through: measurement))
    #expect(error.kind == .unprocessable && error.description.contains("projected_gradient"))
  }

  /// One number more than the limit allows, and exactly as many.
  @Test(arguments: ["linf_lp", "l1_lp", "relaxed_lp", "layered_basis_pursuit"])
  func largeMatricesAreRefused(type: String) throws {
    let generator = try SmallGenerators.perceptron([4, 20, 40], ["type": "relu"], seed: 2203)
    func document(_ entries: Int) -> JSONValue {
      ["type": .string(type), "matrix_entries_max": JSONValue(entries)]
    }
    let fits = try refusal(document(800), of: generator)
    #expect(fits == nil)
    let error = try #require(try refusal(document(799), of: generator))
    #expect(error.kind == .unprocessable && error.description.contains("layer 2 (linear)"))
    #expect(error.description.contains("40 x 20") && error.description.contains("799"))
    #expect(error.description.contains("latent_pursuit"))
  }

  /// The methods that only multiply do without the matrix.
  @Test(arguments: ["linear_system", "latent_pursuit"])
  func productsAreEnough(type: String) throws {
    let generator = try SmallGenerators.perceptron([4, 30, 90], ["type": "relu"], seed: 2204)
    let problem = PlantedProblem(generator, seed: 2204)
    let solution = try problem.problem.solved(
      by: ["type": .string(type), "matrix_entries_max": 1])
    #expect(problem.relativeError(of: solution) < 1e-3)
  }

  @Test func oraclesAskForALatentOfTheRightLength() throws {
    let generator = try SmallGenerators.perceptron([4, 20, 40], ["type": "relu"], seed: 2205)
    let error = try #require(try refusal(["type": "oracle", "latent": [1, 2, 3]], of: generator))
    #expect(error.kind == .unprocessable && error.description.contains("3 numbers"))
  }

  /// Nothing was on: every latent that keeps it so explains the observation.
  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func darkObservationsAreNotCalledRecovered(type: String) throws {
    let generator = try SmallGenerators.linear(
      (0..<20).map { row in (0..<3).map { Float((row * 3 + $0) % 7) - 3 } },
      then: ["type": "relu"])
    let problem = InverseProblem(generator, observation: [Float](repeating: 0, count: 20))
    let solution = try problem.solved(
      by: LayerwiseMethodTests.document(type, latent: [0, 0, 0]))
    #expect(solution.latent.allSatisfy { $0.isFinite })
    #expect(solution.verdict != .recovered && solution.verdict != .consistent)
  }

  /// Fewer equations than inputs: the shortest solution, and word of it.
  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func fewRowsAreNotCalledRecovered(type: String) throws {
    let generator = try SmallGenerators.randomLinear(6, 4, seed: 2206)
    let problem = PlantedProblem(generator, seed: 2206)
    let solution = try problem.problem.solved(
      by: LayerwiseMethodTests.document(type, latent: problem.latent))
    #expect(solution.latent.allSatisfy { $0.isFinite })
    #expect(solution.verdict == .ambiguous)
    #expect(solution.layerwise?.layers[0].isDetermined == false)
    #expect(solution.residual.relative < 1e-4)
  }

  /// Two columns that cannot be told apart.
  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func equalColumnsAreNotCalledRecovered(type: String) throws {
    var random = RandomNumbers(seed: 2207)
    let rows = (0..<30).map { _ -> [Float] in
      let (a, b) = (Float(random.normal()), Float(random.normal()))
      return [a, b, b]
    }
    let generator = try SmallGenerators.linear(rows, then: ["type": "relu"])
    let problem = PlantedProblem(generator, seed: 2207)
    let solution = try problem.problem.solved(
      by: LayerwiseMethodTests.document(type, latent: problem.latent))
    #expect(solution.verdict == .ambiguous && solution.certificate.rank == 2)
  }

  /// What no latent explains is said to be so.
  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func contradictionsAreUnderfit(type: String) throws {
    let generator = try SmallGenerators.perceptron([4, 20, 40], ["type": "relu"], seed: 2208)
    var random = RandomNumbers(seed: 2208)
    let problem = InverseProblem(
      generator, observation: (0..<40).map { _ in Float(random.normal()) })
    var document = LayerwiseMethodTests.document(type, latent: [1, 1, 1, 1]).object ?? [:]
    if type == "hybrid" { document["restarts_max"] = 8 }
    let solution = try problem.solved(by: .object(document))
    #expect(solution.verdict == .underfit && solution.latent.allSatisfy { $0.isFinite })
  }

  @Test(arguments: LayerwiseMethodTests.types + ["hybrid"])
  func cancelledWorkEnds(type: String) throws {
    let generator = try SmallGenerators.perceptron([4, 20, 40], ["type": "relu"], seed: 2209)
    let problem = PlantedProblem(generator, seed: 2209)
    let solution = try problem.problem.solved(
      by: LayerwiseMethodTests.document(type, latent: problem.latent),
      control: SolveControl(isCancelled: { true }))
    #expect(solution.termination == .cancelled)
    #expect(solution.latent.allSatisfy { $0.isFinite })
  }
}
