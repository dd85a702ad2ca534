// What the pool tells whoever logs and counts.

/// Something that happened in the pool. Handlers run on the pool's threads and must be quick.
public enum PoolEvent: Sendable {
  /// A worker took a job.
  case started(Job)
  /// A job, here as it was when its attempt began, reached the final state that the report says;
  /// `seconds` is how long the attempt took.
  case settled(Job, JobReport, seconds: Double)
  /// A worker has done this many jobs together, one or more.
  case grouped(jobCount: Int)
  /// An interrupted job went back to the queue.
  case released(jobID: String)
  /// A worker came back with a job that was no longer its own, or whose end could not be stored for as
  /// long as it may be tried; nothing was stored.
  case leaseLost(jobID: String)
  /// A runner ignored the signal to stop for too long; its job was ended without it.
  case unresponsive(jobID: String)
  /// Abandoned jobs were picked up.
  case recovered(JobRecovery)
  /// Jobs ran out of time while they waited.
  case expired(jobIDs: [String])
  /// The store refused; the pool tries again.
  case storeFailed(during: PoolOperation, JobStoreError)
}

/// What the pool was doing when its store failed.
public enum PoolOperation: String, Sendable {
  case claim, renew, checkpoint, finish, release, recover, expire
}

/// How the pool is doing, for readiness and metrics.
public struct WorkerPoolStatus: Sendable, Equatable {
  public enum Phase: Sendable, Equatable {
    case idle, running, draining, stopped
  }

  public var phase: Phase
  /// Threads for jobs: as many as were asked for, and one more for each that was replaced because its
  /// runner does not return.
  public var workerCount: Int
  /// Workers that hold a job now, unresponsive ones included.
  public var busyCount: Int
  /// Workers whose runner ignored the signal to stop and has not returned.
  public var unresponsiveCount: Int
}
