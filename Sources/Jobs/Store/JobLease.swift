// The right to work on a job for a while, and what keeps a late worker from writing.

import Foundation

/// One worker's hold on one job.
///
/// The fence grows with every claim of the job and never shrinks, so a lease that was lost can be
/// told from the one that replaced it even when the attempt number is the same.
public struct JobLease: Sendable, Hashable {
  public var jobID: String
  public var fence: Int
  public var worker: String
  /// From this moment on nothing is written under this lease until it is renewed.
  public var expiresAt: Date

  public init(jobID: String, fence: Int, worker: String, expiresAt: Date) {
    self.jobID = jobID
    self.fence = fence
    self.worker = worker
    self.expiresAt = expiresAt
  }
}

/// A job that a worker has just taken, with what it needs to do it.
public struct ClaimedJob: Sendable {
  public var job: Job
  public var lease: JobLease
  /// The canonical request, as submitted.
  public var document: [UInt8]
  /// What the job works on, as submitted.
  public var input: [UInt8]
  /// As submitted.
  public var companionKey: String?
  /// Where an earlier attempt left off, as its runner said; `nil` where there was none, or none came
  /// that far.
  public var checkpoint: [UInt8]?

  public init(
    job: Job, lease: JobLease, document: [UInt8], input: [UInt8], companionKey: String? = nil,
    checkpoint: [UInt8]? = nil
  ) {
    self.job = job
    self.lease = lease
    self.document = document
    self.input = input
    self.companionKey = companionKey
    self.checkpoint = checkpoint
  }
}

/// A lease that is to be kept, and what there is to say of its job.
public struct LeaseRenewal: Sendable {
  public var lease: JobLease
  /// `nil` leaves what was said before.
  public var progress: [UInt8]?

  public init(lease: JobLease, progress: [UInt8]? = nil) {
    self.lease = lease
    self.progress = progress
  }
}

/// What a worker learns when it renews its lease.
public enum LeaseStanding: Sendable, Equatable {
  /// Still the holder, until the renewed expiry.
  case held
  /// Still the holder, and somebody asked to stop.
  case cancelRequested
  /// Somebody else's now, waiting again, or over: nothing this worker writes counts any more. A lease
  /// that has expired is not lost while nobody took the job.
  case lost
}
