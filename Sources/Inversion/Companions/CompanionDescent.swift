import LinearAlgebra

/// The searches of one method in one batch. Beside the loop that runs a solver alone this is the only
/// other one, and it ends each search as that does.
final class CompanionDescent<Method: SharedMethod>: CompanionSearch {
  private let method: Method
  private let solver: RestartedSolver
  /// In the order of their rows.
  private var members: [CompanionMember] = []
  private var batch: Rows?

  /// The rows in flight, and what they are compared with.
  fileprivate struct Rows {
    /// Of the first that joined, and the same for all.
    let prediction: Chain
    var targets: Batch
    var ridges: [Double]
    var state: Method.State
    /// `nil` when rows came or went.
    var objective: LeastSquares?
  }

  init(_ method: Method, of solver: RestartedSolver) {
    self.method = method
    self.solver = solver
  }

  var count: Int { members.count }
  var rowIterationsMax: Int { method.iterationsMax * solver.budget.restartsMax }

  func join(_ problem: InverseProblem, _ context: SolveContext, as id: String) -> Bool {
    guard problem.approaches.isEmpty, let (prediction, target) = problem.objective.translation,
      batch.map({ $0.targets.width == target.count }) ?? true
    else { return false }
    var context = context
    context.control.shorten(to: solver.budget.secondsMax)
    let stages = solver.plan.stages(for: problem, context)
    var points = StartingPoints(solver.starts, problem, context)
    let latents = points.next(solver.budget.restartsMax)
    var progress = Restarts(problem, iterationsMax: solver.iterationsMax(stages))
    _ = progress.begin(latents)
    let state = method.start(problem.objective, at: latents)
    members.append(
      CompanionMember(
        id: id, control: context.control,
        lossTarget: solver.target(stages[0], problem, seeksOthers: false), progress: progress,
        rows: state.rows))
    let targets = Batch(row: target).repeatingRows(latents.count)
    let ridges = [Double](repeating: problem.objective.ridge, count: latents.count)
    if batch == nil {
      batch = Rows(prediction: prediction, targets: targets, ridges: ridges, state: state)
    } else {
      batch?.append(state, targets, ridges)
    }
    return true
  }

  func advance() -> [(id: String, search: Search)] {
    for member in members { member.checkInterruption() }
    let ended = settle()
    guard var batch else { return ended }
    // One reference to each array, so that the step may write in place.
    self.batch = nil
    let work = batch.step(method)
    var row = 0
    for member in members {
      let own = row..<row + member.live.count
      member.observe(batch.state.rows, own, work: work, iterationsMax: method.iterationsMax)
      row = own.upperBound
    }
    self.batch = batch
    return ended + settle()
  }

  /// Lets rows go that have ended, and searches that are over.
  private func settle() -> [(id: String, search: Search)] {
    guard let rows = batch?.state.rows, members.contains(where: \.isLeaving) else { return [] }
    var staying: [Int] = []
    var row = 0
    for member in members {
      let own = row..<row + member.live.count
      staying += member.isLeaving ? member.leave(rows, from: row) : Array(own)
      row = own.upperBound
    }
    if staying.isEmpty { batch = nil } else { batch?.keep(staying) }
    let over = members.filter(\.isOver)
    members.removeAll(where: \.isOver)
    return over.map { ($0.id, $0.search(by: solver.plan.solver)) }
  }
}

extension CompanionDescent.Rows {
  mutating func append(_ state: Method.State, _ targets: Batch, _ ridges: [Double]) {
    self.state.append(state)
    self.targets.append(targets)
    self.ridges += ridges
    objective = nil
  }

  mutating func keep(_ kept: [Int]) {
    state.keep(kept)
    targets = targets.rows(kept)
    ridges = kept.map { ridges[$0] }
    objective = nil
  }

  /// - Returns: the work for each row, in forward equivalents.
  mutating func step(_ method: Method) -> Double {
    let objective =
      objective ?? LeastSquares(prediction, targets: targets, ridges: ridges)
    self.objective = objective
    let before = state.rows.forwardEquivalents
    method.step(&state, objective)
    return (state.rows.forwardEquivalents - before) / Double(ridges.count)
  }
}
