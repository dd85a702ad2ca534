import LinearAlgebra

/// Our own engine: a dense primal-dual interior-point method for few columns and many rows.
public struct InteriorPointEngine: ProgramEngine {
  public var name: String { "interior_point" }

  public init() {}

  public func solve(
    _ program: HingeProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    let iterate = InteriorPointIterate(program)
    if let start = program.start { iterate.place(at: start) } else { iterate.placeByLeastSquares() }
    let outcome = InteriorPoint().run(iterate, within: limits)
    let found = iterate.found
    let status: ProgramSolution.Status =
      switch outcome.ending {
      case .converged: .optimal
      case .stalled: .numericalFailure
      case .interrupted(let status): status
      }
    return ProgramSolution(
      of: program, status: status, point: found.point, rowDuals: found.duals,
      iterationCount: outcome.iterationCount)
  }
}
