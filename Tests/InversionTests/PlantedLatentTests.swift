import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// What was put in comes back.
struct PlantedLatentTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var widths: [Int]
    var activation: JSONValue?
    var testDescription: String { "\(widths) \(activation?.object?["type"]?.string ?? "linear")" }
  }

  static let cases = [
    Case(widths: [6, 40, 90], activation: ["type": "relu"]),
    Case(widths: [6, 40, 90], activation: ["type": "leaky_relu", "negative_slope": 0.2]),
    Case(widths: [6, 40, 90], activation: ["type": "tanh"]),
    Case(widths: [6, 30], activation: nil),
  ]

  private func problems(_ planted: Case) throws -> [PlantedProblem] {
    try (800..<808 as Range<UInt64>).flatMap { seed in
      let generator = try SmallGenerators.perceptron(planted.widths, planted.activation, seed: seed)
      let mask = try MeasurementCatalogue.build(
        ["type": "mask", "observed": ["bernoulli": ["rate": 0.6, "seed": JSONValue(Int(seed))]]],
        signalShape: generator.outputShape)
      return [
        PlantedProblem(generator, seed: seed), PlantedProblem(generator, mask, seed: seed),
      ]
    }
  }

  @Test(arguments: cases, ["automatic", "levenberg_marquardt"])
  func levenbergMarquardtFindsThem(planted: Case, solver: String) throws {
    for problem in try problems(planted) {
      let solution = try problem.problem.solved(by: ["type": .string(solver)])
      #expect(problem.relativeError(of: solution) < 1e-3)
      #expect(solution.termination == .converged)
      #expect(solution.verdict == .recovered, "relative residual \(solution.residual.relative)")
      #expect(solution.residual.relative < 1e-5)
      #expect(solution.certificate.rank == planted.widths[0])
      #expect(
        RelativeError.of(
          solution.reconstruction,
          problem.problem.generator.evaluate(Batch(row: problem.latent)).values) < 1e-3)
    }
  }

  @Test(arguments: cases)
  func levenbergMarquardtFindsThemFromThePrior(planted: Case) throws {
    for problem in try problems(planted) {
      let solution = try problem.problem.solved(
        by: ["type": "levenberg_marquardt", "starts": "prior"])
      #expect(problem.relativeError(of: solution) < 1e-3)
    }
  }

  /// Adam's last digits come slowly; it must come near, from its own starts.
  @Test(arguments: cases)
  func adamComesNear(planted: Case) throws {
    for problem in try problems(planted) {
      let solution = try problem.problem.solved(
        by: ["type": "adam", "iterations_max": 1000, "rate": 0.03, "starts": "prior"])
      #expect(problem.relativeError(of: solution) < 2e-2, "\(solution.residual.relative)")
    }
  }

  /// To the last digits that single precision allows, without a Jacobian.
  @Test(arguments: cases)
  func lbfgsFindsThem(planted: Case) throws {
    for problem in try problems(planted) {
      let solution = try problem.problem.solved(by: ["type": "lbfgs", "restarts_max": 8])
      #expect(problem.relativeError(of: solution) < 1e-3, "\(solution.residual.relative)")
    }
  }

  @Test(arguments: cases, ["gradient_descent", "subgradient_descent"])
  func descentComesNear(planted: Case, solver: String) throws {
    for problem in try problems(planted) {
      let solution = try problem.problem.solved(
        by: ["type": .string(solver), "restarts_max": 8, "starts": "prior"])
      #expect(problem.relativeError(of: solution) < 2e-2, "\(solution.residual.relative)")
    }
  }

  @Test(arguments: SolverCatalogue.kinds.map(\.type))
  func theSameSeedGivesTheSameBits(type: String) throws {
    let generator = try SmallGenerators.perceptron([5, 9, 14], ["type": "relu"], seed: 810)
    let problem = PlantedProblem(generator, seed: 811).problem
    let solver = SolverDocument.of(type, latentCount: 5, restarts: 8)
    let first = try problem.solved(by: solver, seed: 5)
    let second = try problem.solved(by: solver, seed: 5)
    #expect(first.latent == second.latent && first.reconstruction == second.reconstruction)
    #expect(first.iterations == second.iterations && first.trace == second.trace)
    #expect(first.certificate.singularValues == second.certificate.singularValues)
    let other = try problem.solved(by: solver, seed: 6)
    // Layer-wise solutions have no part in chance.
    #expect(other.latent != first.latent || other.restarts == 1 || other.layerwise != nil)
  }
}
