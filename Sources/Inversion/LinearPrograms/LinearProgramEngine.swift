/// Something that solves linear programs: GLPK here, and whatever is built to stand beside it.
///
/// How a program ends is data (`LinearProgramSolution.Status`); an error means that the engine
/// could not work on it at all.
public protocol LinearProgramEngine: Sendable {
  /// A stable snake_case name, for catalogues and messages.
  var name: String { get }

  func solve(
    _ program: LinearProgram, within limits: LinearProgramLimits
  ) throws(LinearProgramFailure) -> LinearProgramSolution
}

extension LinearProgramEngine {
  /// Solves without limits.
  public func solve(
    _ program: LinearProgram
  ) throws(LinearProgramFailure) -> LinearProgramSolution {
    try solve(program, within: .none)
  }
}

/// How long an engine may work on one program.
public struct LinearProgramLimits: Sendable, Equatable {
  /// Iterations of the engine's own kind; at least 0.
  public var iterationsMax: Int
  /// Wall time; at least 0, in steps of a millisecond.
  public var seconds: Double

  public init(iterationsMax: Int = .max, seconds: Double = .infinity) {
    precondition(iterationsMax >= 0, "an iteration limit of \(iterationsMax)")
    precondition(seconds >= 0, "a time limit of \(seconds) s")
    self.iterationsMax = iterationsMax
    self.seconds = seconds
  }

  public static let none = LinearProgramLimits()
}

/// An engine gave up on a program before it could say anything about it.
public struct LinearProgramFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public var engine: String
  public var reason: String

  public init(engine: String, reason: String) {
    self.engine = engine
    self.reason = reason
  }

  public var description: String { "\(engine): \(reason)" }
}
