import LinearAlgebra
import Measurements
import Networks

/// What the restarts of one inversion have found so far, and whether more are worth their while.
struct Restarts {
  private let problem: InverseProblem
  private let iterationsMax: Int
  private(set) var candidates: [Candidate] = []
  private var history = SearchHistory()
  private(set) var forwardEquivalents = 0.0
  private var interruption: Termination?
  /// Whether a latent fits that others may well equal, so that these are looked for.
  private(set) var seeksOthers = false
  /// Starts that are tried then.
  private static let looseStarts = 64

  init(_ problem: InverseProblem, iterationsMax: Int) {
    self.problem = problem
    self.iterationsMax = iterationsMax
  }

  /// Starts that have been tried to the end.
  private(set) var restarts = 0

  /// Whether a candidate of the wave that began at `first` meets what the noise leaves.
  func isMet(from first: Int) -> Bool { candidates[first...].contains(where: \.isMet) }

  func shouldContinue(_ budget: RestartBudget) -> Bool {
    if interruption != nil || restarts >= budget.restartsMax { return false }
    if restarts == 0 { return true }
    let work = forwardEquivalents * Double(problem.forward.multiplyCount)
    if restarts >= budget.restartsMin, work >= Double(budget.multiplicationsMax) { return false }
    // Without noise a fit is beyond doubt, unless others may equal it; with noise others may be better.
    if isMet(from: 0), !problem.noise.isJudgedByTheWorst {
      if problem.noise.isNoiseless { return seeksOthers && restarts < Self.looseStarts }
      return restarts < Self.noisyStarts && !isBestConfirmed
    }
    return !doRestartsAgree
  }

  /// Starts that are tried at most for the best of several fits that the noise allows.
  private static let noisyStarts = 256

  /// Whether three starts ended at the best fit, and most of what starts end at has been seen: the
  /// share of them whose end was seen once estimates the probability that the next one ends
  /// somewhere new (Good 1953, The population frequencies of species).
  private var isBestConfirmed: Bool {
    let unit = problem.noise.unit ?? 0
    let losses = candidates.map(\.loss).filter(\.isFinite).sorted()
    guard let best = losses.first else { return false }
    let tolerance = 0.01 * unit * unit
    var sizes: [Int] = []
    var previous = -Double.infinity
    for loss in losses {
      if loss <= previous + tolerance, !sizes.isEmpty {
        sizes[sizes.count - 1] += 1
      } else {
        sizes.append(1)
      }
      previous = loss
    }
    return losses.count { $0 <= best + tolerance } >= 3
      && sizes.count { $0 == 1 } * 10 <= losses.count
  }

  /// Most of many starts that end at the same best fit say that more will not find a better one.
  /// Few do not: starts that are drawn near each other share their valley.
  private var doRestartsAgree: Bool {
    guard restarts >= Self.agreeingStartsMin, let best = candidates.map(\.loss).min(),
      best.isFinite
    else { return false }
    let isPoor = !problem.noise.isNoiseless || best > 1e-4 * problem.objective.scale
    return isPoor && 2 * candidates.count { $0.loss <= best * 1.001 } >= restarts
  }

  private static let agreeingStartsMin = 20

  mutating func observe(
    _ rows: SolverRows, _ comparison: DescentStage.Comparison, _ control: SolveControl
  ) {
    observe(loss: rows.best.map { rows.losses[$0] } ?? .infinity, comparison, control)
  }

  /// - Parameter loss: the smallest of the rows.
  mutating func observe(
    loss: Double, _ comparison: DescentStage.Comparison, _ control: SolveControl
  ) {
    catchUp(control)
    switch comparison {
    case .exactly, .lifted:
      history.add(loss)
      report(history.bestLoss, control)
    // Losses that compare with no others.
    case .inverted, .roughly:
      history.count()
      report(loss, control)
    }
  }

  /// Takes over what was seen of iterations that are recorded, and so were not observed again.
  mutating func catchUp(_ control: SolveControl) {
    if let seen = control.recorder?.takeHistory() { history = seen }
  }

  private func report(_ loss: Double, _ control: SolveControl) {
    // What is only read was told before.
    guard control.recorder?.note(history) ?? true else { return }
    control.report(
      SolveProgress(
        iteration: history.iterations, iterationsMax: iterationsMax, loss: loss,
        restartsFinished: restarts))
  }

  /// Takes in the starts of a wave.
  ///
  /// - Returns: the place of the first of them.
  mutating func begin(_ latents: Batch) -> Int {
    candidates += (0..<latents.count).map {
      Candidate(
        problem, latent: Array(latents[$0]), loss: .infinity, termination: .iterationLimit)
    }
    return candidates.count - latents.count
  }

  func latents(_ places: [Int]) -> Batch {
    Batch(rows: places.map { candidates[$0].latent }, width: problem.latentCount)
  }

  /// Puts what became of candidates that were worked on in their places.
  ///
  /// - Parameter losses: the rows' losses on the exact objective.
  mutating func refine(_ places: [Int], _ outcome: IterationLoop.Outcome, losses: [Double]) {
    for (row, place) in places.enumerated() {
      candidates[place] = Candidate(
        problem, latent: Array(outcome.rows.latents[row]), loss: losses[row],
        termination: outcome.rows.terminations[row] ?? .iterationLimit)
    }
    forwardEquivalents += outcome.rows.forwardEquivalents
    interruption = interruption ?? outcome.interruption
  }

  /// Takes in a latent that another method found, as the end of a start of its own.
  mutating func add(_ found: LayerwiseCandidates.Candidate, _ control: SolveControl) {
    let loss = problem.objective.losses(at: Batch(row: found.latent))[0]
    let isExplained = problem.isExplained(by: found.latent, loss: loss)
    candidates.append(
      Candidate(
        problem, latent: found.latent, loss: loss,
        termination: isExplained ? .converged : .infeasible))
    count(found, loss: loss, control)
    restarts += 1
  }

  /// Nothing was found, and why.
  mutating func fail(_ termination: Termination) {
    interruption = interruption ?? termination
  }

  /// Counts what was done for a start before it begins, as one iteration.
  mutating func count(_ found: LayerwiseCandidates.Candidate, _ control: SolveControl) {
    let loss = problem.objective.losses(at: Batch(row: found.latent))[0]
    count(found, loss: loss, control)
  }

  private mutating func count(
    _ found: LayerwiseCandidates.Candidate, loss: Double, _ control: SolveControl
  ) {
    catchUp(control)
    forwardEquivalents += found.forwardEquivalents
    history.add(loss)
    report(history.bestLoss, control)
  }

  func layerwiseCertificate(
    _ candidate: LayerwiseCandidates.Candidate, at latent: [Float]
  ) -> LayerwiseCertificate {
    LayerwiseCertificate(
      method: candidate.type, layers: candidate.layers,
      conditions: UniquenessConditions(
        LayerChain(problem.generator, observing: problem.measurement.observedEntries), at: latent))
  }

  /// The wave that began at `first` has come to its end.
  mutating func finish(from first: Int) {
    restarts += candidates.count - first
    guard problem.noise.isNoiseless, !seeksOthers,
      let met = candidates[first...].first(where: \.isMet)
    else { return }
    seeksOthers =
      problem.isLoose(at: met.latent)
      && JacobianSpectrum(problem.forward, at: met.latent).rank == problem.latentCount
  }

  func solution(by solver: String, choice: String?) -> Solution {
    let found =
      answer
      ?? Candidate(
        problem, latent: [Float](repeating: 0, count: problem.latentCount), loss: .infinity,
        termination: .nonFinite)
    let best = found.isMet ? finished(found) : found
    let latent = Batch(row: best.latent)
    let residual = ResidualNorms(
      predicted: problem.forward.evaluate(latent).values, observed: problem.observation)
    let certificate = Certificate(
      problem, latent: best.latent, residual: residual, alternatives: alternatives(to: best))
    // Noise of unknown size explains any fit, but does not say that this one cannot be improved.
    let isMet = problem.noise.isKnown && problem.isExplained(by: best.latent, loss: best.loss)
    return Solution(
      latent: best.latent, reconstruction: problem.generator.evaluate(latent).values,
      residual: residual,
      termination: isMet ? .converged : interruption ?? best.termination,
      verdict: Verdict(problem, best, certificate), certificate: certificate, solver: solver,
      choice: choice, iterations: history.iterations, restarts: restarts,
      forwardEquivalents: forwardEquivalents, trace: history.trace)
  }

  /// The candidate that fits best; of several that fit as far as rounding lets them, the most
  /// probable one.
  var answer: Candidate? {
    let best = candidates.filter { $0.loss.isFinite }.min { $0.loss < $1.loss }
    guard seeksOthers else { return best }
    let met = candidates.filter(\.isMet).map { ($0, problem.logarithmicWeight(of: $0.latent)) }
    return met.max { $0.1 < $1.1 }?.0 ?? best
  }

  private func finished(_ candidate: Candidate) -> Candidate {
    let latent = problem.preciselyFinished(candidate.latent)
    return Candidate(
      problem, latent: latent, loss: problem.objective.losses(at: Batch(row: latent))[0],
      termination: candidate.termination)
  }

  /// Latents as good as the best one that are not the best one, each once.
  private func alternatives(to best: Candidate) -> [AlternativeLatent] {
    guard problem.isExplained(by: best.latent, loss: best.loss) else { return [] }
    let precision = problem.noise.isNoiseless ? nil : problem.precision(at: best.latent)
    var distinct: [Candidate] = []
    for candidate in candidates where isAsGood(candidate, as: best) {
      let isNew = ([best] + distinct).allSatisfy {
        $0.relativeDistance(to: candidate) > 0.01 && isBeyondNoise(candidate, of: $0, precision)
      }
      if isNew { distinct.append(candidate) }
    }
    return distinct.prefix(8).map { AlternativeLatent($0, to: best) }
  }

  /// Whether two latents differ by more than the noise makes one latent's estimates differ: by three
  /// deviations above the mean of a chi-squared number.
  private func isBeyondNoise(
    _ a: Candidate, of b: Candidate, _ precision: SymmetricMatrix?
  ) -> Bool {
    guard let precision else { return true }
    let step = zip(a.latent, b.latent).map { Double($0 - $1) }
    return ChiSquared.isBeyond(precision.product(step, step), freedom: precision.size)
  }

  private func isAsGood(_ candidate: Candidate, as best: Candidate) -> Bool {
    if problem.noise.isLikelihoodFlat {
      return problem.isExplained(by: candidate.latent, loss: candidate.loss)
    }
    // Losses of latents that the data cannot tell apart differ by about the noise's variance.
    let tolerance = problem.noise.unit.map { 4 * $0 * $0 } ?? 0.001 * best.loss
    return candidate.loss <= best.loss + tolerance
  }
}
