import LinearAlgebra

/// The record of one run of the iteration loop.
struct LoopRecording<Solver: IterativeSolver> {
  private let recorder: SolveRecorder?
  private let solver: Solver
  private let latents: Batch

  init(_ recorder: SolveRecorder?, _ solver: Solver, from latents: Batch) {
    self.recorder = recorder
    self.solver = solver
    self.latents = latents
  }

  private var name: String { Solver.type }

  /// What the run came to, where that is recorded.
  var outcome: IterationLoop.Outcome? {
    recorder?.outcome(of: name) { fits($0.rows) }
  }

  /// Where the run stood, and after how many iterations.
  func beginning(_ objective: LeastSquares) -> (state: Solver.State, iterations: Int)? {
    guard var reader = recorder?.beginning(of: name) else { return nil }
    do throws(CheckpointError) {
      let iterations: Int = try reader.read()
      let rows: SolverRows = try reader.read()
      guard fits(rows), (0...solver.iterationsMax).contains(iterations) else { return nil }
      let state = try solver.restore(rows, from: &reader, objective)
      try reader.requireEnd()
      return (state, iterations)
    } catch {
      return nil
    }
  }

  func reach(_ state: Solver.State, _ iterations: Int, _ interruption: Termination?) {
    guard let recorder else { return }
    guard state.isWhole else {
      recorder.close()
      return
    }
    recorder.reach(name, isStopping: interruption != nil) { writer in
      writer.write(iterations)
      writer.write(state.rows)
      state.write(to: &writer)
    }
  }

  func finish(_ state: Solver.State, _ outcome: IterationLoop.Outcome) {
    guard let recorder, outcome.interruption == nil else { return }
    if state.isWhole { recorder.finish(name, outcome) } else { recorder.close() }
  }

  private func fits(_ rows: SolverRows) -> Bool {
    rows.latents.count == latents.count && rows.latents.width == latents.width
  }
}

extension IterationLoop.Outcome: Checkpointable {
  package init(from reader: inout CheckpointReader) throws(CheckpointError) {
    rows = try reader.read()
    iterations = try reader.read()
    interruption = nil
  }

  /// Of a run that came to its own end.
  package func write(to writer: inout CheckpointWriter) {
    writer.write(rows)
    writer.write(iterations)
  }
}
