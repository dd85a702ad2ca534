import Documents
import LinearAlgebra
import Measurements
import Networks

/// Runs a plan from one start after another until the observation is explained, or the budget is
/// used up. The starts of a wave advance together as rows of one batch; waves grow, so that an easy
/// problem costs one start and a hard one uses the machine well.
struct RestartedSolver: InversionSolver {
  var plan: any DescentPlan
  var starts: StartingPointChoice
  var budget: RestartBudget
  /// Starts of the first wave, and of the largest.
  var firstWave = 1
  var largestWave = 64
  /// Layer-wise solutions that are starts, too.
  var layerwise: [LayerwiseWave] = []
  /// Why this plan, where it was not the client's choice.
  var choice: String?

  func search(_ problem: InverseProblem, _ context: SolveContext) -> Search {
    var context = context
    context.control.shorten(to: budget.secondsMax)
    let control = context.control
    var points = StartingPoints(starts, problem, context)
    let stages = DescentStage.adapted(to: problem, plan.stages(for: problem, context))
    var progress = Restarts(problem, iterationsMax: iterationsMax(stages))
    var wave = firstWave
    var waiting = layerwise
    var found: [LayerwiseCandidates.Candidate] = []
    while progress.shouldContinue(budget) {
      var count = wave
      if let next = waiting.first, progress.restarts >= next.restartsBefore {
        waiting.removeFirst()
        let candidates = next.candidates.find(problem, control).candidates
        for candidate in candidates { progress.count(candidate, control) }
        points.give(candidates.map(\.latent))
        found += candidates
        guard !candidates.isEmpty else { continue }
        count = candidates.count
      } else {
        wave = nextWave(after: wave)
      }
      advance(
        points.next(min(count, budget.restartsMax - progress.restarts)), stages, problem, control,
        &progress)
    }
    return Search(restarts: progress, solver: plan.solver, choice: choice, layerwise: found)
  }

  func refusal(of measurement: any Measurement) -> String? { plan.refusal(of: measurement) }

  func refusal(of generator: Generator, through measurement: any Measurement) -> String? {
    plan.refusal(of: generator, through: measurement)
  }

  var readsLayers: Bool { plan.readsLayers }

  /// Only of one wave: when a search is over then does not depend on what others find.
  func companionSearch() -> (any CompanionSearch)? {
    guard firstWave == budget.restartsMax, budget.restartsMax <= CompanionRule.startsMax,
      layerwise.isEmpty
    else { return nil }
    return (plan as? any SharedPlan)?.companionSearch(of: self)
  }

  var waves: RestartWaves {
    RestartWaves(
      rowsMax: min(max(firstWave, largestWave), budget.restartsMax),
      isSecondOrder: plan.isSecondOrder, fitsEncoder: starts == .encoder)
  }

  private func nextWave(after wave: Int) -> Int {
    firstWave == largestWave ? wave : min(max(2 * wave, 3), max(largestWave, firstWave))
  }

  /// Iterations of all waves, should each go to its limit.
  func iterationsMax(_ stages: [DescentStage]) -> Int {
    var waves = 0
    var wave = firstWave
    var remaining = budget.restartsMax
    while remaining > 0 {
      remaining -= min(wave, remaining)
      wave = nextWave(after: wave)
      waves += 1
    }
    let candidates = layerwise.reduce(0) { $0 + $1.candidates.methods.count }
    return (waves + layerwise.count) * stages.reduce(0) { $0 + $1.method.iterationsMax }
      + candidates
  }

  /// Carries the starts of one wave to their ends.
  private func advance(
    _ latents: Batch, _ stages: [DescentStage], _ problem: InverseProblem, _ control: SolveControl,
    _ progress: inout Restarts
  ) {
    let first = progress.begin(latents)
    var isMet = false
    for stage in stages where !isMet || stage.isPolish {
      let chosen = stage.chosen(progress.candidates[first...], problem)
      guard !chosen.isEmpty, let objective = stage.objective(problem) else { continue }
      let loop = IterationLoop(
        control: control, lossTarget: target(stage, problem, seeksOthers: progress.seeksOthers))
      let outcome = loop.run(
        stage.method, objective, from: progress.latents(chosen)
      ) { _, rows in progress.observe(rows, stage.compares, control) }
      progress.catchUp(control)
      let losses =
        stage.compares == .exactly
        ? outcome.rows.losses : problem.objective.losses(at: outcome.rows.latents)
      progress.refine(chosen, outcome, losses: losses)
      guard outcome.interruption == nil else { break }
      // A fit by what is easier says nothing yet.
      if case .roughly = stage.compares { continue }
      isMet = progress.isMet(from: first)
    }
    progress.finish(from: first)
  }
}

extension RestartedSolver {
  /// The loss that ends a stage for all starts. Without noise a fit to rounding is all there is to
  /// gain. With noise the best fit lies below what explains the observation, and restarts can only
  /// be compared where each has ended.
  func target(
    _ stage: DescentStage, _ problem: InverseProblem, seeksOthers: Bool
  ) -> Double? {
    guard problem.noise.isNoiseless, !seeksOthers else { return nil }
    return stage.enough.map { $0 * problem.objective.scale } ?? problem.roundingLoss
  }
}

/// How much may be spent on one inversion.
struct RestartBudget: Sendable {
  var restartsMax: Int
  /// Multiplications after which no more starts are tried, once there were `restartsMin`.
  var multiplicationsMax = Int.max
  var restartsMin = 1
  var secondsMax: Double?

  static let secondsParameter = OptionalParameter<Double>(
    "seconds_max", in: 0.001...1e6,
    "time after which the best latent so far is the answer; left out: the service's limit alone")
}
