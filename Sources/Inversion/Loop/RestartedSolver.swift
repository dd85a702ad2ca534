import Documents
import LinearAlgebra
import Measurements

/// What a solver needs beside the problem.
public struct SolveContext: Sendable {
  public var seed: UInt64
  public var control: SolveControl
  public var library: EncoderLibrary
  /// Names the generator's content, so that what was fitted to it can be used again.
  public var generatorKey: String

  public init(
    seed: UInt64, control: SolveControl = .init(), library: EncoderLibrary, generatorKey: String
  ) {
    self.seed = seed
    self.control = control
    self.library = library
    self.generatorKey = generatorKey
  }
}

/// Runs an iterative solver from one start after another until the observation is explained. The
/// starts of a wave advance together as rows of one batch; waves grow, so that an easy problem
/// costs one start and a hard one uses the machine well.
struct RestartedSolver<Method: IterativeSolver>: InversionSolver {
  static var restartsParameter: Parameter<Int> {
    Parameter("restarts_max", default: 64, in: 1...4096, "starts at most")
  }

  var method: Method
  var starts: StartingPointChoice
  var restartsMax: Int
  /// Starts of the first wave.
  var firstWave: Int
  /// Why this method, where it was not the client's choice.
  var choice: String?

  func solve(_ problem: InverseProblem, _ context: SolveContext) -> Solution {
    var points = StartingPoints(
      starts, problem, seed: context.seed, library: context.library,
      generatorKey: context.generatorKey)
    var progress = Restarts(problem, iterationsMax: iterationsMax(problem))
    var wave = firstWave
    while progress.shouldContinue(restartsMax: restartsMax) {
      let count = min(wave, restartsMax - progress.restarts)
      advance(points.next(count), problem, context.control, &progress)
      wave = Self.wave(after: wave)
    }
    return progress.solution(by: Method.type, choice: choice)
  }

  private static func wave(after wave: Int) -> Int { min(max(2 * wave, 3), 16) }

  /// Iterations of all waves, should each go to its limit.
  private func iterationsMax(_ problem: InverseProblem) -> Int {
    var waves = 0
    var wave = firstWave
    var remaining = restartsMax
    while remaining > 0 {
      remaining -= min(wave, remaining)
      wave = Self.wave(after: wave)
      waves += 1
    }
    let passes = method.usesLiftedObjective && problem.lifted != nil ? 2 : 1
    return waves * (passes + (problem.approach == nil ? 0 : 1)) * method.iterationsMax
  }

  /// One wave: first on what is easier, where the noise names it, or before the last activation,
  /// where the method gains from it; then on the objective itself.
  private func advance(
    _ latents: Batch, _ problem: InverseProblem, _ control: SolveControl,
    _ progress: inout Restarts
  ) {
    // Without noise a fit to rounding is all there is to gain. With noise the best fit lies below
    // what explains the observation, and restarts can only be compared where each has ended.
    let loop = IterationLoop(
      control: control, lossTarget: problem.noise.isNoiseless ? problem.roundingLoss : nil)
    var latents = latents
    if let approach = problem.approach {
      let outcome = loop.run(method, approach, from: latents) { _, rows in
        progress.observeApproach(rows, control)
      }
      latents = outcome.rows.latents
      guard outcome.interruption == nil else {
        progress.add(outcome, losses: problem.objective.losses(at: latents))
        return
      }
      progress.forwardEquivalents += outcome.rows.forwardEquivalents
    }
    if method.usesLiftedObjective, let lifted = problem.lifted {
      let outcome = loop.run(method, lifted, from: latents) { _, rows in
        progress.observe(rows, control)
      }
      let losses = problem.objective.losses(at: outcome.rows.latents)
      progress.add(outcome, losses: losses)
      guard outcome.interruption == nil, !progress.isExplained else { return }
      // Where nothing fits, the compared objectives differ: finish the wave's best on the one
      // that counts.
      guard let best = losses.indices.min(by: { losses[$0] < losses[$1] }) else { return }
      latents = outcome.rows.latents.rows([best])
      let polished = loop.run(method, problem.objective, from: latents) { _, rows in
        progress.observe(rows, control)
      }
      progress.refine(fromEnd: losses.count - best, polished)
    } else {
      let outcome = loop.run(method, problem.objective, from: latents) { _, rows in
        progress.observe(rows, control)
      }
      progress.add(outcome, losses: outcome.rows.losses)
    }
  }
}
