// The life of a job as data: its six states and the table of moves between them.

/// Where a job stands. The raw values are what is stored and what the API shows.
public enum JobState: String, Sendable, Hashable, CaseIterable, Codable {
  /// Accepted and waiting for a worker.
  case queued
  /// Held by one worker under a lease.
  case running
  /// The work was done; what it found is in the result.
  case succeeded
  /// The work could not be attempted, or every attempt was lost.
  case failed
  /// Stopped because somebody asked.
  case canceled
  /// Stopped because its deadline passed.
  case expired

  /// Every legal move. What is not listed is refused by every store, in SQL too.
  ///
  /// A state is never its own successor: a running job that is claimed again has been queued in
  /// between, which is what moves its fence and makes the first holder's writes void.
  public static let transitions: [JobState: Set<JobState>] = [
    .queued: [.running, .canceled, .expired],
    .running: [.queued, .succeeded, .failed, .canceled, .expired],
    .succeeded: [], .failed: [], .canceled: [], .expired: [],
  ]

  /// Whether the job will never change again.
  public var isFinished: Bool { JobState.transitions[self]?.isEmpty ?? true }

  /// Whether a job in this state may be moved to `next`.
  public func canBecome(_ next: JobState) -> Bool {
    JobState.transitions[self]?.contains(next) ?? false
  }
}
