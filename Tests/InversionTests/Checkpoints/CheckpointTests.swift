import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// An inversion that is gone on with comes to the bits of one that was never interrupted: laws over
/// the whole catalogue of solvers.
struct CheckpointTests {
  static let types = SolverCatalogue.kinds.map(\.type)

  /// Observations that the generator makes, with and without noise, and one that nothing explains.
  private static func inversions(
    by type: String, seed: UInt64, restarts: Int = 5
  ) throws -> [CheckpointedInversion] {
    let generator = try SmallGenerators.perceptron([4, 12, 24], ["type": "relu"], seed: seed)
    var random = RandomNumbers(seed: seed, stream: 3)
    let noise = random.normal(count: 1, width: 24).values
    let identity = IdentityMeasurement(count: 24)
    return [
      PlantedProblem(generator, seed: seed).problem,
      PlantedProblem(generator, identity, sigma: 0.05, seed: seed).problem,
      InverseProblem(generator, observation: noise),
    ].map {
      CheckpointedInversion(
        problem: $0, solver: SolverDocument.of(type, latentCount: 4, restarts: restarts),
        seed: seed)
    }
  }

  private func expectSame(
    _ a: Solution, _ b: Solution, _ comment: Comment, _ location: SourceLocation = #_sourceLocation
  ) {
    func expect(_ isSame: Bool, _ what: String) {
      #expect(isSame, "\(what): \(comment)", sourceLocation: location)
    }
    expect(a.latent.map(\.bitPattern) == b.latent.map(\.bitPattern), "latent")
    expect(
      a.reconstruction.map(\.bitPattern) == b.reconstruction.map(\.bitPattern), "reconstruction")
    expect(a.residual == b.residual, "residual")
    expect(a.termination == b.termination && a.verdict == b.verdict, "termination and verdict")
    expect(a.iterations == b.iterations && a.restarts == b.restarts, "iterations and restarts")
    expect(a.forwardEquivalents == b.forwardEquivalents, "forward equivalents")
    expect(a.trace == b.trace, "trace")
    expect(a.layerwise == b.layerwise, "layers")
    expect(a.solver == b.solver && a.choice == b.choice, "solver and choice")
    expect(a.certificate.singularValues == b.certificate.singularValues, "certificate")
  }

  @Test(arguments: types)
  func recordingChangesNothing(type: String) throws {
    for inversion in try Self.inversions(by: type, seed: 1200) {
      let run = try inversion.run()
      expectSame(run.solution, try inversion.uninterrupted(), "\(type)")
      #expect(!run.checkpoints.isEmpty || run.solution.iterations <= 1, "\(type)")
    }
  }

  /// As after `kill -9`: from any checkpoint that was ever taken.
  @Test(arguments: types, 1210..<1213 as Range<UInt64>)
  func anyCheckpointLeadsToTheSameBits(type: String, seed: UInt64) throws {
    var random = RandomNumbers(seed: seed, stream: 7)
    for inversion in try Self.inversions(by: type, seed: seed) {
      let whole = try inversion.run()
      for _ in 0..<4 where !whole.checkpoints.isEmpty {
        let place = Int(random.uniform() * Double(whole.checkpoints.count))
        let run = try inversion.run(from: whole.checkpoints[place])
        let comment: Comment = "\(type), seed \(seed), checkpoint \(place)"
        expectSame(run.solution, whole.solution, comment)
        // What was recorded is not computed again, nor told again.
        #expect(run.checkpoints.count <= whole.checkpoints.count - place + 1, comment)
        #expect(Array(whole.iterations.suffix(run.iterations.count)) == run.iterations, comment)
      }
    }
  }

  /// Stopped, gone on with, stopped again and gone on with again.
  @Test(arguments: types, 1220..<1223 as Range<UInt64>)
  func interruptionsLeaveNoTrace(type: String, seed: UInt64) throws {
    var random = RandomNumbers(seed: seed, stream: 8)
    for inversion in try Self.inversions(by: type, seed: seed) {
      let whole = try inversion.run()
      let count = whole.checkpoints.count
      var checkpoint: [UInt8]?
      var left = count
      for _ in 0..<2 where left > 1 {
        let steps = 1 + Int(random.uniform() * Double(left - 1))
        let cut = try inversion.run(from: checkpoint, checkpointsMax: steps)
        checkpoint = cut.checkpoints.last ?? checkpoint
        left -= steps
      }
      let run = try inversion.run(from: checkpoint)
      expectSame(run.solution, whole.solution, "\(type), seed \(seed), \(count) checkpoints")
    }
  }

  /// A stop by itself hands out where the run stands, however long the next checkpoint is off.
  @Test(arguments: ["adam", "lbfgs", "levenberg_marquardt", "gauss_newton_cg", "automatic"])
  func aStopIsACheckpoint(type: String) throws {
    let inversion = try Self.inversions(by: type, seed: 1230)[2]
    let whole = try inversion.uninterrupted()
    for iterations in [1, 3, 10] where iterations < whole.iterations {
      let taken = Tape<[UInt8]>()
      let seen = Tape<Int>()
      let recorder = SolveRecorder(
        SolveRecord(identity: inversion.identity), secondsBetween: 1e9, now: { 0 },
        store: { taken.add($0) })
      let control = SolveControl(
        isCancelled: { seen.count >= iterations }, report: { seen.add($0.iteration) },
        recorder: recorder)
      let cut = try inversion.problem.solved(
        by: inversion.solver, seed: inversion.seed, control: control)
      #expect(cut.termination == .cancelled && taken.count == 1)
      let checkpoint = try #require(taken.all.last)
      let record = try SolveRecord(checkpoint: checkpoint, identity: inversion.identity)
      #expect(record.iteration == iterations)
      expectSame(try inversion.run(from: checkpoint).solution, whole, "\(type)")
    }
  }

  /// Wherever a solver asks whether to stop, also within a step, it hands out nothing that is not so.
  @Test(arguments: types + ["projected layers"])
  func aStopAtAnyMomentLeavesNoTrace(type: String) throws {
    let projecting: JSONValue = [
      "type": "projected_gradient", "projection": ["type": "linf_lp"], "iterations_max": 20,
      "restarts_max": 2, "starts": "prior",
    ]
    var random = RandomNumbers(seed: 1260, stream: 9)
    let kind = type == "projected layers" ? "projected_gradient" : type
    for var inversion in try Self.inversions(by: kind, seed: 1260) {
      if kind != type { inversion.solver = projecting }
      let asked = Tape<Bool>()
      _ = try inversion.run(isCancelled: {
        asked.add(true)
        return false
      })
      let whole = try inversion.uninterrupted()
      for _ in 0..<6 {
        let last = 1 + Int(random.uniform() * Double(asked.count))
        let asked = Tape<Bool>()
        let cut = try inversion.run(isCancelled: {
          asked.add(true)
          return asked.count >= last
        })
        let run = try inversion.run(from: cut.checkpoints.last)
        expectSame(run.solution, whole, "\(type), asked \(last) times")
      }
    }
  }

  /// Checkpoints come when they are due by the clock that is passed in, within their size.
  @Test func checkpointsKeepTheirIntervalAndTheirBound() throws {
    let inversion = try Self.inversions(by: "adam", seed: 1240)[2]
    let refused = Tape<Int>()
    func checkpoints(secondsBetween: Double, bytesMax: Int = .max) throws -> [[UInt8]] {
      let clock = Tape<Int>()
      let taken = Tape<[UInt8]>()
      let recorder = SolveRecorder(
        SolveRecord(identity: inversion.identity), secondsBetween: secondsBetween,
        bytesMax: bytesMax, now: { Double(clock.count) }, refuse: { refused.add($0) },
        store: { taken.add($0) })
      // An iteration takes a second.
      let control = SolveControl(
        now: { Double(clock.count) }, report: { _ in clock.add(0) }, recorder: recorder)
      let solution = try inversion.problem.solved(
        by: inversion.solver, seed: inversion.seed, control: control)
      #expect(solution.iterations == 500)
      return taken.all
    }
    let all = try checkpoints(secondsBetween: 5)
    #expect(all.count == 100)
    for (place, bytes) in all.enumerated() {
      let record = try SolveRecord(checkpoint: bytes, identity: inversion.identity)
      #expect(record.seconds == Double(5 * (place + 1)) && record.iteration == 5 * (place + 1))
    }
    let largest = all.map(\.count).max() ?? 0
    #expect(try checkpoints(secondsBetween: 5, bytesMax: largest).count == 100)
    #expect(refused.count == 0)
    #expect(try checkpoints(secondsBetween: 5, bytesMax: largest - 1).count < 100)
    #expect(refused.all == [largest])
    #expect(try checkpoints(secondsBetween: 5, bytesMax: 8).isEmpty)
    #expect(refused.count == 3, "once while the piece is under way, and once when it is finished")
  }

  /// A budget of seconds is for all that is solved, before and after.
  @Test func secondsBeforeCount() throws {
    var inversion = try Self.inversions(by: "adam", seed: 1250)[2]
    inversion.solver = ["type": "adam", "seconds_max": 30]
    func run(from checkpoint: [UInt8]?, cancelledAfter: Int = .max) throws -> (Solution, [[UInt8]])
    {
      let clock = Tape<Int>()
      let taken = Tape<[UInt8]>()
      let record =
        try checkpoint.map { try SolveRecord(checkpoint: $0, identity: inversion.identity) }
        ?? SolveRecord(identity: inversion.identity)
      let recorder = SolveRecorder(
        record, now: { Double(clock.count) }, store: { taken.add($0) })
      let control = SolveControl(
        isCancelled: { clock.count >= cancelledAfter }, now: { Double(clock.count) },
        report: { _ in clock.add(0) }, recorder: recorder)
      let solution = try inversion.problem.solved(
        by: inversion.solver, seed: inversion.seed, control: control)
      return (solution, taken.all)
    }
    let (whole, _) = try run(from: nil)
    #expect(whole.termination == .timeLimit && whole.iterations == 30)
    let (_, checkpoints) = try run(from: nil, cancelledAfter: 13)
    let (resumed, _) = try run(from: checkpoints.last)
    expectSame(resumed, whole, "30 seconds in all")
  }
}
