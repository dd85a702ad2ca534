import LinearAlgebra

/// How an engine for linear programs is given one with hinges.
package enum HingeFormulation: String, Sendable, CaseIterable {
  /// A row each, and a column for every forgiven excess: `A z - t <= b`, `t >= 0` at the cost `u`.
  case primal
  /// A row a column of the point: minimise `b'y` with `A'y = -c`, `0 <= y <= u`. What was sought are
  /// the row duals of that.
  case dual
  /// The dual where there are at least twice as many rows as columns.
  case cheaper

  func solve(
    _ program: HingeProgram, by engine: GLPKEngine, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    let isTall = program.rows.count >= 2 * program.rows.columnCount
    guard self == .dual || (self == .cheaper && isTall) else {
      return try Self.solvePrimal(program, by: engine, within: limits)
    }
    let found = try engine.solve(Self.dual(of: program), within: limits)
    let status: ProgramSolution.Status
    switch found.status {
    case .optimal, .iterationLimit, .timeLimit, .cancelled: status = found.status
    case .unbounded: status = .infeasible
    case .infeasible, .numericalFailure:
      // Without duals a program is unbounded or infeasible; which of them, it has to tell itself.
      return try Self.solvePrimal(program, by: engine, within: limits)
    }
    return ProgramSolution(
      of: program, status: status, point: found.rowDuals, rowDuals: found.point,
      iterationCount: found.iterationCount)
  }

  private static func solvePrimal(
    _ program: HingeProgram, by engine: GLPKEngine, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    let found = try engine.solve(primal(of: program), within: limits)
    return ProgramSolution(
      of: program, status: found.status,
      point: Array(found.point.prefix(program.rows.columnCount)),
      rowDuals: found.rowDuals.map { -$0 }, iterationCount: found.iterationCount)
  }

  static func primal(of program: HingeProgram) -> LinearProgram {
    let dense = program.rows.dense
    let forgiven = program.penalties.indices.filter { program.penalties[$0].isFinite }
    let width = dense.columnCount + forgiven.count
    var matrix = [Double](repeating: 0, count: dense.rowCount * width)
    for row in 0..<dense.rowCount {
      for column in 0..<dense.columnCount { matrix[row * width + column] = dense[row, column] }
    }
    for (place, row) in forgiven.enumerated() {
      matrix[row * width + dense.columnCount + place] = -1
    }
    return LinearProgram(
      objective: program.objective + forgiven.map { program.penalties[$0] }, matrix: matrix,
      rowBounds: program.limits.map { .atMost($0) },
      columnBounds: Array(repeating: .free, count: dense.columnCount)
        + Array(repeating: .nonnegative, count: forgiven.count))
  }

  static func dual(of program: HingeProgram) -> LinearProgram {
    let dense = program.rows.dense
    var matrix = [Double](repeating: 0, count: dense.values.count)
    for row in 0..<dense.rowCount {
      for column in 0..<dense.columnCount {
        matrix[column &* dense.rowCount &+ row] = dense[row, column]
      }
    }
    return LinearProgram(
      objective: program.limits, matrix: matrix,
      rowBounds: program.objective.map { .equal(to: -$0) },
      columnBounds: program.penalties.map { LinearProgram.Bounds(lower: 0, upper: $0) })
  }
}
