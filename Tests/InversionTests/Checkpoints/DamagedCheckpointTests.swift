import Documents
import Inversion
import LinearAlgebra
import Measurements
import Testing

/// A checkpoint is bytes from a database: what is not the work's own is refused, and nothing crashes.
struct DamagedCheckpointTests {
  private func inversion(_ type: String) throws -> CheckpointedInversion {
    let generator = try SmallGenerators.perceptron([4, 12, 24], ["type": "relu"], seed: 1300)
    var random = RandomNumbers(seed: 1300, stream: 3)
    return CheckpointedInversion(
      problem: InverseProblem(
        generator, observation: random.normal(count: 1, width: 24).values),
      solver: SolverDocument.of(type, latentCount: 4, restarts: 5), seed: 1300)
  }

  private func refusal(_ bytes: [UInt8], _ identity: [[UInt8]]) -> CheckpointError? {
    do {
      _ = try SolveRecord(checkpoint: bytes, identity: identity)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["adam", "levenberg_marquardt", "hybrid"])
  func anyDamageIsFound(type: String) throws {
    let inversion = try inversion(type)
    let whole = try inversion.run()
    let checkpoint = whole.checkpoints[whole.checkpoints.count / 2]
    #expect(refusal(checkpoint, inversion.identity) == nil)
    var random = RandomNumbers(seed: 1310)
    func place(below count: Int) -> Int { Int(random.uniform() * Double(count)) }
    for _ in 0..<300 {
      var altered = checkpoint
      altered[place(below: altered.count)] ^= UInt8(1 + place(below: 255))
      #expect(refusal(altered, inversion.identity) != nil)
      #expect(
        refusal(Array(checkpoint.prefix(place(below: checkpoint.count))), inversion.identity) != nil
      )
      let noise = (0..<place(below: 200)).map { _ in UInt8(place(below: 256)) }
      #expect(refusal(noise, inversion.identity) != nil)
      #expect(refusal(checkpoint + noise + [0], inversion.identity) != nil)
    }
    #expect(refusal([], inversion.identity) != nil)
  }

  @Test func whatIsOfOtherWorkIsRefused() throws {
    let inversion = try inversion("adam")
    let checkpoint = try inversion.run(checkpointsMax: 5).checkpoints[4]
    for identity in [[], [[1, 2]], [[1, 2, 3], []], [[1], [2, 3]], [[3, 2, 1]]] as [[[UInt8]]] {
      #expect(refusal(checkpoint, identity) == .foreign, "\(identity)")
    }
  }

  /// Where only the identity is mistaken, what does not fit is computed again.
  @Test(arguments: CheckpointTests.types)
  func whatDoesNotFitIsComputedAgain(type: String) throws {
    let inversion = try inversion(type)
    let whole = try inversion.uninterrupted()
    for other in ["adam", "lbfgs", "levenberg_marquardt", "gauss_newton_cg", "hybrid"] {
      var foreign = try self.inversion(other)
      let generator = try SmallGenerators.perceptron([3, 13, 24], ["type": "relu"], seed: 1320)
      foreign.problem = InverseProblem(generator, observation: inversion.problem.observation)
      let checkpoints = try foreign.run().checkpoints
      for checkpoint in [checkpoints.first, checkpoints.last].compactMap(\.self) {
        let run = try inversion.run(from: checkpoint)
        #expect(run.solution.latent == whole.latent, "\(type) from \(other)")
        #expect(run.solution.forwardEquivalents == whole.forwardEquivalents)
      }
    }
  }
}
