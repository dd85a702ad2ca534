// Picking up what a dead or frozen worker left behind.

/// Whose running jobs are taken away.
public enum RecoveryScope: Sendable, Equatable {
  /// Those whose lease has expired: while the service runs.
  case expiredLeases
  /// All of them: when the process starts, before its first worker does.
  case everyRunningJob
}

/// What became of the abandoned jobs, by id.
public struct JobRecovery: Sendable, Equatable {
  /// Waiting again.
  public var requeued: [String]
  /// Out of attempts.
  public var failed: [String]
  /// Somebody had asked to stop them.
  public var canceled: [String]

  public init(requeued: [String] = [], failed: [String] = [], canceled: [String] = []) {
    self.requeued = requeued
    self.failed = failed
    self.canceled = canceled
  }

  public var isEmpty: Bool { requeued.isEmpty && failed.isEmpty && canceled.isEmpty }
}
