import LinearAlgebra

/// One search among its companions.
final class CompanionMember {
  let id: String
  private let control: SolveControl
  private let lossTarget: Double?
  private var progress: Restarts
  /// Of all its starts, those that have ended among them.
  private var rows: SolverRows
  /// Its starts that are rows of the batch, in their order there.
  private(set) var live: [Int]
  private var iterations = 0
  private var interruption: Termination?
  /// Whether the search has come to its end.
  private(set) var isOver = false
  /// Whether rows of it have to leave the batch.
  private(set) var isLeaving = false

  init(
    id: String, control: SolveControl, lossTarget: Double?,
    progress: Restarts, rows: SolverRows
  ) {
    self.id = id
    self.control = control
    self.lossTarget = lossTarget
    self.progress = progress
    self.rows = rows
    live = Array(rows.losses.indices)
    look(rows.terminations[...])
  }

  /// Looks whether the work has to stop now.
  func checkInterruption() {
    guard !isOver, let reason = control.interruption() else { return }
    interruption = reason
    (isOver, isLeaving) = (true, true)
  }

  /// Takes in the rows of the batch that are its own, after an iteration.
  ///
  /// - Parameter work: done for each row, in forward equivalents.
  func observe(
    _ batch: SolverRows, _ own: Range<Int>, work: Double, iterationsMax: Int
  ) {
    iterations += 1
    for (start, place) in zip(live, own) { rows.losses[start] = batch.losses[place] }
    rows.forwardEquivalents += work * Double(live.count)
    progress.observe(loss: rows.losses.min() ?? .infinity, .exactly, control)
    look(batch.terminations[own])
    if iterations >= iterationsMax { (isOver, isLeaving) = (true, true) }
  }

  /// - Parameter terminations: of the live rows.
  private func look(_ terminations: ArraySlice<Termination?>) {
    let ended = terminations.count { $0 != nil }
    let isMet = lossTarget.map { target in rows.losses.contains { $0 <= target } } ?? false
    isLeaving = ended > 0 || isMet
    isOver = ended == live.count || isMet
  }

  /// Keeps what is to be known of the rows that leave the batch.
  ///
  /// - Parameter start: the batch's row that is the first of its own.
  /// - Returns: the rows of the batch that stay.
  func leave(_ batch: SolverRows, from start: Int) -> [Int] {
    var staying: [Int] = []
    var places: [Int] = []
    for (place, own) in zip(start..., live) {
      if isOver || batch.terminations[place] != nil {
        rows.latents.setRow(own, to: batch.latents[place])
        rows.terminations[own] = batch.terminations[place]
      } else {
        staying.append(own)
        places.append(place)
      }
    }
    live = staying
    isLeaving = false
    return places
  }

  /// What was found, once the search is over.
  func search(by solver: String) -> Search {
    var rows = rows
    for row in rows.active { rows.terminations[row] = interruption ?? .iterationLimit }
    for row in rows.losses.indices {
      if let lossTarget, rows.losses[row] <= lossTarget { rows.terminations[row] = .converged }
    }
    var progress = progress
    progress.refine(
      Array(rows.losses.indices),
      IterationLoop.Outcome(rows: rows, iterations: iterations, interruption: interruption),
      losses: rows.losses)
    progress.finish(from: 0)
    return Search(restarts: progress, solver: solver, choice: nil)
  }
}
