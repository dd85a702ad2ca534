import LinearAlgebra

/// Programs that are solved one after the other for the sake of one, within its limits.
struct InteriorPointWork {
  struct Found {
    var status: ProgramSolution.Status
    var point: [Double]
    var duals: [Double]
  }

  private var method: InteriorPoint
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
    // No doubt is to come from rounding that could be avoided.
    method.singleGapMin = .infinity
    let questions = FeasibilityPrograms(program)
    let least = certified(questions.leastViolation)
    if least.status.isInterruption { return ending(least.status) }
    if questions.provesInfeasible(least) { return ending(.infeasible) }
    if hasDescent { return ending(.unbounded) }
    let ray = certified(questions.steepestRay)
    if ray.status.isInterruption { return ending(ray.status) }
    if questions.provesUnbounded(ray) { return ending(.unbounded) }
    if let short, short.merit < Self.acceptable { return ending(.optimal) }
    var (second, found) = attempt(program, from: nil)
    if second.merit < Self.acceptable { found.status = .optimal }
    return found
  }

  private mutating func certified(_ program: HingeProgram) -> ProgramSolution {
    let found = attempt(program, from: nil).found
    return ProgramSolution(
      of: program, status: found.status, point: found.point, rowDuals: found.duals,
      iterationCount: iterationCount)
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

extension ProgramSolution.Status {
  /// Whether limits or a cancellation ended the work.
  fileprivate var isInterruption: Bool {
    switch self {
    case .iterationLimit, .timeLimit, .cancelled: true
    case .optimal, .infeasible, .unbounded, .numericalFailure: false
    }
  }
}
