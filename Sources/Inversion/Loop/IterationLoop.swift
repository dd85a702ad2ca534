import LinearAlgebra

/// The one loop that runs every iterative solver.
package struct IterationLoop {
  package var control: SolveControl
  /// All work stops as soon as one row's loss is at most this.
  package var lossTarget: Double?

  package init(control: SolveControl = .init(), lossTarget: Double? = nil) {
    self.control = control
    self.lossTarget = lossTarget
  }

  package struct Outcome {
    package var rows: SolverRows
    package var iterations: Int
    /// Why the loop was stopped from outside; `nil` when it ran to its own end.
    package var interruption: Termination?
  }

  /// - Parameter observe: called after each iteration with the state's rows.
  package func run<Solver: IterativeSolver>(
    _ solver: Solver, _ objective: LeastSquares, from latents: Batch,
    observe: (_ iteration: Int, _ rows: SolverRows) -> Void
  ) -> Outcome {
    let recording = LoopRecording(control.recorder, solver, from: latents)
    if let outcome = recording.outcome { return outcome }
    var (state, iterations) =
      recording.beginning(objective) ?? (solver.start(objective, at: latents), 0)
    var interruption: Termination?
    while iterations < solver.iterationsMax, !isDone(state.rows) {
      interruption = control.interruption()
      recording.reach(state, iterations, interruption)
      if interruption != nil { break }
      solver.step(&state, objective)
      iterations += 1
      observe(iterations, state.rows)
    }
    var rows = state.rows
    for row in rows.active { rows.terminations[row] = interruption ?? .iterationLimit }
    for row in rows.losses.indices {
      if let lossTarget, rows.losses[row] <= lossTarget { rows.terminations[row] = .converged }
    }
    let outcome = Outcome(rows: rows, iterations: iterations, interruption: interruption)
    recording.finish(state, outcome)
    return outcome
  }

  private func isDone(_ rows: SolverRows) -> Bool {
    if rows.active.isEmpty { return true }
    guard let lossTarget else { return false }
    return rows.losses.contains { $0 <= lossTarget }
  }
}
