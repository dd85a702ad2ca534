import LinearAlgebra

extension InteriorPointEngine {
  public func solve(
    _ program: LinearProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    throw ProgramFailure(engine: name, reason: "not here")
  }
}
