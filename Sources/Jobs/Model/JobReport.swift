// What a runner hands back when it stops.

/// How an attempt ended.
public enum JobOutcome: Sendable, Equatable {
  /// The work was done. A disappointing result is still a success; the verdict says so.
  case succeeded
  /// The work could not be attempted; the reason is opaque JSON.
  case failed([UInt8])
  /// Stopped because `JobControl.isCanceled`.
  case canceled
  /// Stopped because `JobControl.isDeadlinePassed`.
  case expired
  /// Stopped because `JobControl.isInterrupted`: the job goes back to the queue and the attempt
  /// does not count.
  case interrupted

  /// The state that a job with this outcome is in; `queued` for an interruption.
  public var state: JobState {
    switch self {
    case .succeeded: .succeeded
    case .failed: .failed
    case .canceled: .canceled
    case .expired: .expired
    case .interrupted: .queued
    }
  }
}

/// The end of an attempt and everything that is kept of it.
public struct JobReport: Sendable {
  public var outcome: JobOutcome
  /// The result: opaque JSON. A job that was stopped may have one too.
  public var document: [UInt8]?
  /// Larger results by name, such as raw float32 little endian arrays.
  public var outputs: [String: [UInt8]]
  /// What the job is found by from now on; `nil` keeps what it was submitted with.
  public var facets: JobFacets?
  /// Why the run stopped, in one word of a known few: for those who watch, not stored.
  public var reason: String?
  /// How many steps the run made: for those who watch, not stored.
  public var stepCount: Int?
  /// After which step of an earlier attempt the run went on; `nil` where it began anew. For those who
  /// watch, not stored.
  public var resumedFromStep: Int?

  public init(
    outcome: JobOutcome, document: [UInt8]? = nil, outputs: [String: [UInt8]] = [:],
    facets: JobFacets? = nil, reason: String? = nil, stepCount: Int? = nil,
    resumedFromStep: Int? = nil
  ) {
    self.outcome = outcome
    self.document = document
    self.outputs = outputs
    self.facets = facets
    self.reason = reason
    self.stepCount = stepCount
    self.resumedFromStep = resumedFromStep
  }
}
