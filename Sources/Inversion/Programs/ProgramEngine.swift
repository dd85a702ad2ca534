/// Something that solves linear programs and those with hinges.
///
/// How a program ends is data (`ProgramSolution.Status`); an error means that the engine could not
/// work on it at all.
public protocol ProgramEngine: Sendable {
  /// A stable snake_case name, for catalogues and messages.
  var name: String { get }

  func solve(
    _ program: LinearProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution

  func solve(
    _ program: HingeProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution
}

extension ProgramEngine {
  /// Solves without limits.
  public func solve(_ program: LinearProgram) throws(ProgramFailure) -> ProgramSolution {
    try solve(program, within: .none)
  }

  /// Solves without limits.
  public func solve(_ program: HingeProgram) throws(ProgramFailure) -> ProgramSolution {
    try solve(program, within: .none)
  }
}

/// How long an engine may work on one program.
public struct ProgramLimits: Sendable {
  /// Iterations of the engine's own kind; at least 0.
  public var iterationsMax: Int
  /// Wall time; at least 0.
  public var seconds: Double
  /// Seconds on any steady clock, by which engines without a clock of their own tell the time.
  public var now: @Sendable () -> Double
  /// Asked once an iteration, or, by an engine that cannot be interrupted, once.
  public var isCancelled: @Sendable () -> Bool

  public init(
    iterationsMax: Int = .max, seconds: Double = .infinity,
    now: @escaping @Sendable () -> Double = { 0 },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    precondition(iterationsMax >= 0, "an iteration limit of \(iterationsMax)")
    precondition(seconds >= 0, "a time limit of \(seconds) s")
    self.iterationsMax = iterationsMax
    self.seconds = seconds
    self.now = now
    self.isCancelled = isCancelled
  }

  /// What a solver's control leaves for one program.
  package init(iterationsMax: Int = .max, _ control: SolveControl) {
    self.init(
      iterationsMax: iterationsMax,
      seconds: control.deadline.map { max(0, $0 - control.now()) } ?? .infinity,
      now: control.now, isCancelled: control.isCancelled)
  }

  public static let none = ProgramLimits()
}

/// An engine gave up on a program before it could say anything about it.
public struct ProgramFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public var engine: String
  public var reason: String

  public init(engine: String, reason: String) {
    self.engine = engine
    self.reason = reason
  }

  public var description: String { "\(engine): \(reason)" }
}
