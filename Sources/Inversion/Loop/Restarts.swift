import LinearAlgebra
import Measurements
import Networks

/// What the restarts of one inversion have found so far, and whether more are worth their while.
struct Restarts {
  private let problem: InverseProblem
  private let iterationsMax: Int
  private var candidates: [Candidate] = []
  private var iterations = 0
  private var forwardEquivalents = 0.0
  private var interruption: Termination?
  private var trace = Trace()
  private var bestLoss = Double.infinity
  private var waves = 0

  init(_ problem: InverseProblem, iterationsMax: Int) {
    self.problem = problem
    self.iterationsMax = iterationsMax
  }

  /// Starts that have been tried.
  private(set) var restarts = 0

  /// Whether the best candidate meets what the noise leaves.
  var isExplained: Bool {
    guard let target = problem.lossTarget else { return false }
    return candidates.contains { $0.loss <= target }
  }

  func shouldContinue(restartsMax: Int) -> Bool {
    if interruption != nil || restarts >= restartsMax { return false }
    if restarts == 0 { return true }
    // Without noise a fit is beyond doubt; with noise a second wave looks for others as good.
    if isExplained { return problem.noise != .none && waves < 2 }
    return !doRestartsAgree
  }

  /// Several starts that end at the same best fit say that more will not find a better one.
  private var doRestartsAgree: Bool {
    guard let best = candidates.map(\.loss).min(), best.isFinite else { return false }
    let isPoor = problem.noise != .none || best > 1e-4 * problem.objective.scale
    return isPoor && candidates.count { $0.loss <= best * 1.001 } >= 4
  }

  mutating func observe(_ rows: SolverRows, _ control: SolveControl) {
    iterations += 1
    if let best = rows.best { bestLoss = min(bestLoss, rows.losses[best]) }
    trace.record(iteration: iterations, loss: bestLoss)
    control.report(
      SolveProgress(
        iteration: iterations, iterationsMax: iterationsMax, loss: bestLoss,
        restartsFinished: restarts))
  }

  /// - Parameter losses: the rows' losses on the exact objective.
  mutating func add(_ outcome: IterationLoop.Outcome, losses: [Double]) {
    for (row, loss) in losses.enumerated() {
      var termination = outcome.rows.terminations[row] ?? .iterationLimit
      if let target = problem.lossTarget, loss <= target { termination = .converged }
      candidates.append(
        Candidate(
          latent: Array(outcome.rows.latents[row]), loss: loss, termination: termination))
    }
    restarts += losses.count
    waves += 1
    forwardEquivalents += outcome.rows.forwardEquivalents
    interruption = interruption ?? outcome.interruption
  }

  /// Puts what became of one start of the last wave, worked on further, in that start's place.
  ///
  /// - Parameter place: of the start, counted from the end: 1 is the last one.
  mutating func refine(fromEnd place: Int, _ outcome: IterationLoop.Outcome) {
    forwardEquivalents += outcome.rows.forwardEquivalents
    interruption = interruption ?? outcome.interruption
    guard let row = outcome.rows.best else { return }
    candidates[candidates.count - place] = Candidate(
      latent: Array(outcome.rows.latents[row]), loss: outcome.rows.losses[row],
      termination: outcome.rows.terminations[row] ?? .iterationLimit)
  }

  func solution(by solver: String, choice: String?) -> Solution {
    let best =
      candidates.filter { $0.loss.isFinite }.min { $0.loss < $1.loss }
      ?? Candidate(
        latent: [Float](repeating: 0, count: problem.latentCount), loss: .infinity,
        termination: .nonFinite)
    let latent = Batch(row: best.latent)
    let residual = ResidualNorms(
      predicted: problem.forward.evaluate(latent).values, observed: problem.observation)
    let certificate = Certificate(
      problem, latent: best.latent, residual: residual, alternatives: alternatives(to: best))
    // Noise of unknown size explains any fit, but does not say that this one cannot be improved.
    let isMet = problem.lossTarget != nil && problem.isExplained(byLoss: best.loss)
    return Solution(
      latent: best.latent, reconstruction: problem.generator.evaluate(latent).values,
      residual: residual,
      termination: isMet ? .converged : interruption ?? best.termination,
      verdict: Verdict(problem, best, certificate), certificate: certificate, solver: solver,
      choice: choice, iterations: iterations, restarts: restarts,
      forwardEquivalents: forwardEquivalents, trace: trace)
  }

  /// Latents as good as the best one that are not the best one, each once.
  private func alternatives(to best: Candidate) -> [AlternativeLatent] {
    guard problem.isExplained(byLoss: best.loss) else { return [] }
    var distinct: [Candidate] = []
    for candidate in candidates where isAsGood(candidate, as: best) {
      let isNew = ([best] + distinct).allSatisfy { $0.relativeDistance(to: candidate) > 0.01 }
      if isNew { distinct.append(candidate) }
    }
    return distinct.prefix(8).map { AlternativeLatent($0, to: best) }
  }

  private func isAsGood(_ candidate: Candidate, as best: Candidate) -> Bool {
    switch problem.noise {
    case .none: problem.isExplained(byLoss: candidate.loss)
    // Losses of latents that the data cannot tell apart differ by about the noise's variance.
    case .gaussian(let sigma?): candidate.loss <= best.loss + 4 * sigma * sigma
    case .gaussian(nil): candidate.loss <= best.loss * 1.001
    }
  }
}
