import LinearAlgebra

/// Programs that are solved one after the other for the sake of one, within its limits.
struct InteriorPointWork {
  struct Found {
    var status: ProgramSolution.Status
    var point: [Double]
    var duals: [Double]
  }

  private let method: InteriorPoint
  private let limits: ProgramLimits
  private let began: Double
  private(set) var iterationCount = 0

  /// A point with this merit is taken where the method ends short of its tolerance and the program
  /// is known to have an optimum.
  private static let acceptable = 1e-7

  init(_ method: InteriorPoint, within limits: ProgramLimits) {
    self.method = method
    self.limits = limits
    began = limits.now()
  }

  mutating func solve(_ program: HingeProgram) -> Found {
    let (outcome, found) = attempt(program, from: program.start)
    guard case .stalled = outcome.ending else { return found }
    return explain(program, hasDescent: false, short: (outcome.merit, found))
  }

  /// Infeasible, unbounded, or neither, and then the optimum by a second attempt.
  ///
  /// - Parameters:
  ///   - hasDescent: whether the program is known to fall for ever where it is feasible.
  ///   - short: how near a first attempt came.
  mutating func explain(
    _ program: HingeProgram, hasDescent: Bool, short: (merit: Double, found: Found)? = nil
  ) -> Found {
    let nothing = Found(
      status: .numericalFailure, point: Array(repeating: 0, count: program.rows.columnCount),
      duals: Array(repeating: 0, count: program.rows.count))
    func ending(_ status: ProgramSolution.Status) -> Found {
      var found = short?.found ?? nothing
      found.status = status
      return found
    }
    let questions = FeasibilityPrograms(program)
    let (violation, least) = attempt(questions.leastViolation, from: nil)
    if case .interrupted(let status) = violation.ending { return ending(status) }
    let distance = least.point.last ?? 0
    if distance > FeasibilityPrograms.tolerance * questions.limitSize {
      return ending(.infeasible)
    }
    if hasDescent { return ending(.unbounded) }
    let steepestRay = questions.steepestRay
    let (ray, steepest) = attempt(steepestRay, from: nil)
    if case .interrupted(let status) = ray.ending { return ending(status) }
    let slope = steepestRay.smoothObjective(at: steepest.point)
    if slope < -FeasibilityPrograms.tolerance * questions.steepest { return ending(.unbounded) }
    if let short, short.merit < Self.acceptable { return ending(.optimal) }
    let (second, found) = attempt(program, from: nil)
    if second.merit < Self.acceptable {
      return Found(status: .optimal, point: found.point, duals: found.duals)
    }
    return found
  }

  private mutating func attempt(
    _ program: HingeProgram, from start: HingeProgram.Start?
  ) -> (outcome: InteriorPoint.Outcome, found: Found) {
    let iterate = InteriorPointIterate(program)
    if let start { iterate.place(at: start) } else { iterate.placeByLeastSquares() }
    var left = limits
    left.iterationsMax -= iterationCount
    if limits.seconds.isFinite { left.seconds = max(0, limits.seconds - (limits.now() - began)) }
    let outcome = method.run(iterate, within: left)
    iterationCount += outcome.iterationCount
    let status: ProgramSolution.Status =
      switch outcome.ending {
      case .converged: .optimal
      case .stalled: .numericalFailure
      case .interrupted(let status): status
      }
    let found = iterate.found
    return (outcome, Found(status: status, point: found.point, duals: found.duals))
  }
}
