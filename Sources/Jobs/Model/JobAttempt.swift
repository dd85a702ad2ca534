// What happened to a job before: one entry for each time that a worker took it.

import Foundation

/// One worker's try at a job.
public struct JobAttempt: Sendable, Equatable {
  /// How a try came to its end.
  public enum Ending: String, Sendable, Hashable, CaseIterable, Codable {
    /// The worker ended the job; its state says how.
    case finished
    /// The worker gave the job back, unfinished, because it was told to.
    case interrupted
    /// The worker was silent for longer than its lease and the job was taken from it.
    case leaseLost = "lease_lost"
    /// The process ended while the job ran.
    case processDied = "process_died"
  }

  /// What `Job.attempt` was during it, from 1. Tries that do not count share their number with the
  /// one that follows.
  public var number: Int
  /// The worker's name in its lease.
  public var worker: String
  public var startedAt: Date
  /// When it ended, or when it was found to have; `nil` while it goes on.
  public var endedAt: Date?
  public var ending: Ending?
  /// Whether it is one of the attempts that a job may have at most.
  public var isCounted: Bool

  /// How many entries are kept of a job, the newest; interruptions alone could make them endless.
  public static let keptMax = 100

  public init(
    number: Int, worker: String, startedAt: Date, endedAt: Date? = nil, ending: Ending? = nil,
    isCounted: Bool = true
  ) {
    self.number = number
    self.worker = worker
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.ending = ending
    self.isCounted = isCounted
  }
}
