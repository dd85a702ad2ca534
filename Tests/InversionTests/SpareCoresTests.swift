import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// What is computed does not depend on how many cores compute it.
@Suite(.serialized)
struct SpareCoresTests {
  /// Large enough that every kind of work is cut.
  private static func generator() throws -> Generator {
    try SmallGenerators.perceptron([64, 2000, 4000], ["type": "relu"], seed: 1300)
  }

  /// The same work by one core, and by three with as many threads.
  private func expectSame<Value: Equatable>(
    _ what: Comment, _ body: () throws -> Value, _ location: SourceLocation = #_sourceLocation
  ) rethrows {
    SpareCores.shared.coreCount = 1
    defer { SpareCores.shared.coreCount = 1 }
    let byOne = try body()
    SpareCores.shared.coreCount = 3
    for _ in 0..<2 {
      let byThree = try SpareCores.shared.occupy { try body() }
      #expect(byThree == byOne, what, sourceLocation: location)
    }
  }

  private func bits(_ batch: Batch) -> [UInt32] { batch.values.map(\.bitPattern) }

  @Test func piecesOfTheCalculusAreTheSameBits() throws {
    let generator = try Self.generator()
    let objective = PlantedProblem(generator, seed: 1301).problem.objective
    var random = RandomNumbers(seed: 1302)
    let many = generator.drawLatents(count: 64, from: &random)
    let few = many.rows([0, 1, 2])
    #expect(
      SpareCores.ranges(of: 64, multiplicationsEach: generator.multiplyCount).count > 1)
    expectSame("losses") { objective.losses(at: many) }
    expectSame("gradients") {
      let (losses, gradients) = objective.gradients(at: many)
      return losses.map(\.bitPattern) + gradients.values.map { UInt64($0.bitPattern) }
    }
    expectSame("normal equations") {
      objective.normalEquations(at: few).map { $0.gradient + [$0.loss, $0.gram.meanDiagonal] }
    }
    expectSame("columns") {
      bits(generator.linearize(at: few.rows([1])).jacobian.columns(for: 1))
    }
    expectSame("outputs that encoders are fitted to") {
      bits(LatentBank(generator, pairsMax: 600).outputs)
    }
  }

  @Test func solutionsAreTheSameBits() throws {
    let problem = PlantedProblem(try Self.generator(), seed: 1303).problem
    for solver in ["levenberg_marquardt", "adam"] {
      try expectSame("\(solver)") {
        let solution = try problem.solved(
          by: ["type": .string(solver), "restarts_max": 32, "iterations_max": 3], seed: 1304)
        return solution.latent.map(\.bitPattern) + solution.reconstruction.map(\.bitPattern)
      }
    }
  }
}
