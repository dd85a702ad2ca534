import LinearAlgebra

/// Our own engine: a dense primal-dual interior-point method for few columns and many rows.
///
/// Where the method comes to no end, two programs that have an optimum in any case tell whether the
/// one at hand is infeasible or unbounded (`FeasibilityPrograms`).
public struct InteriorPointEngine: ProgramEngine {
  public var name: String { "interior_point" }

  public init() {}

  public func solve(
    _ program: HingeProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    // Gaps of certificates contain what is left of the residuals.
    var work = InteriorPointWork(InteriorPoint(goal: 5e-10), within: limits)
    let found = work.solve(program)
    return ProgramSolution(
      of: program, status: found.status, point: found.point, rowDuals: found.duals,
      iterationCount: work.iterationCount)
  }

  public func solve(
    _ program: LinearProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    func solution(
      _ status: ProgramSolution.Status, _ point: [Double]? = nil, _ duals: [Double]? = nil,
      iterationCount: Int = 0
    ) -> ProgramSolution {
      ProgramSolution(
        of: program, status: status,
        point: point ?? Array(repeating: 0, count: program.columnCount),
        rowDuals: duals ?? Array(repeating: 0, count: program.rowCount),
        iterationCount: iterationCount)
    }
    guard case .reduced(let reduction) = LinearProgramReduction.reduce(program) else {
      return solution(.infeasible)
    }
    // The numbers of any program may differ by orders of magnitude: what is small for the largest is
    // not so for the others.
    var work = InteriorPointWork(InteriorPoint(goal: 1e-13), within: limits)
    let found =
      reduction.hasFreeDescent
      ? work.explain(reduction.program, hasDescent: true) : work.solve(reduction.program)
    return solution(
      found.status, reduction.point(found.point), reduction.rowDuals(found.duals),
      iterationCount: work.iterationCount)
  }
}
