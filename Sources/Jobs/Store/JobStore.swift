// What any storage of jobs must do. One conformance suite holds every backend to it.

import Foundation

/// A durable queue of jobs and the archive of finished ones.
///
/// Calls block until the storage answered and may come from any thread. When one throws, nothing
/// was changed. `now` is always the caller's: a store has no clock.
///
/// What every backend guarantees:
/// - A job moves only along `JobState.transitions`.
/// - A job is held by at most one lease, and only its holder writes. Under a lease that has expired,
///   `renew` alone does, until somebody else has taken the job.
/// - A job that `enqueue` returned survives the death of the process and loss of power.
/// - `revision` grows with every visible change.
public protocol JobStore: Sendable {
  /// Accepts a job, or gives the one that the same id or idempotency key already made.
  ///
  /// Bounds are exact: they are checked in the transaction that inserts. An earlier job is given
  /// back even when the queue is full.
  ///
  /// - Throws: `invalidSubmission`, `identifierConflict`, `idempotencyMismatch`,
  ///   `subjectMissing`, `queueFull`, `clientBusy`, `clientFull`, in this order of precedence; `unavailable`.
  func enqueue(
    _ submission: JobSubmission, admission: JobAdmission, now: Date
  ) throws(JobStoreError) -> EnqueuedJob

  /// Takes the waiting job whose turn it is and starts an attempt.
  ///
  /// The jobs of each client wait in a line of their own. Its head is the job that was accepted
  /// first, where a job counts as accepted `JobAdmission.ageingSeconds` earlier for each level of its
  /// priority. Of the clients it is the turn of the one whose head has waited longest since the
  /// client's last turn, counted alike: equal clients take turns, and a lower priority is served in
  /// the end. A job that goes back to the queue goes to its old place.
  ///
  /// A client that has `clientRunningMax` jobs running has no turn. A job that does not fit into
  /// `memoryBytesMax` with those that run keeps its turn until it fits or is alone; no other passes.
  ///
  /// A job that ran beside others when the process died is suspect: it has its turn before all
  /// others, and runs alone.
  ///
  /// A waiting job whose deadline has passed is never handed out; `expireDeadlines` ends it. One whose
  /// documents cannot be read fails in the place of being handed out, and stops no other.
  ///
  /// - Returns: `nil` when nothing waits or nothing may run now.
  func claim(
    worker: String, limits: ClaimLimits, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> ClaimedJob?

  /// Takes more waiting jobs with that `JobSubmission.companionKey`, in the order in which ``claim``
  /// would, each under a lease of its own. Those whose deadline has passed are never handed out.
  ///
  /// - Parameter request: how many, at most.
  func claimCompanions(
    _ request: CompanionRequest, worker: String, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [ClaimedJob]

  /// Keeps leases for `leaseSeconds` from `now` and stores the progress that comes with them, in one
  /// write: all of it or, where this throws, none.
  ///
  /// An expired lease is kept too while nobody else has taken the job: after a pause of the process
  /// or a jump of the clock its workers go on.
  ///
  /// - Returns: for each, how it stands. Those that are lost keep none of the others.
  func renew(
    _ renewals: [LeaseRenewal], now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [LeaseStanding]

  /// Stores where the work stands, in the place of the checkpoint before: opaque bytes that the next
  /// attempt is given, until the job is finished. It survives the death of the process, and need not
  /// survive loss of power.
  ///
  /// - Returns: `false`, with nothing written, when the lease is lost or expired.
  func checkpoint(
    _ lease: JobLease, bytes: [UInt8], now: Date
  ) throws(JobStoreError) -> Bool

  /// Ends the attempt and stores all of the report at once. `JobOutcome.interrupted` is `release`.
  ///
  /// - Returns: `false`, with nothing written, when the lease is lost or expired.
  func finish(
    _ lease: JobLease, report: JobReport, now: Date
  ) throws(JobStoreError) -> Bool

  /// Ends several attempts at once, each as `finish(_:report:now:)` does: all of them or, where this
  /// throws, none.
  ///
  /// - Returns: for each, whether it was written.
  func finish(_ endings: [JobEnding], now: Date) throws(JobStoreError) -> [Bool]

  /// Ends an attempt as `finish(_:report:now:)` does and takes the job whose turn it is then as `claim`
  /// does, in one write: for workers that go from job to job. Where this throws, nothing was ended.
  ///
  /// - Returns: whether the ending was written; nothing is taken where it was not.
  func finish(
    _ ending: JobEnding, claimingNextWithin limits: ClaimLimits, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> (isEnded: Bool, next: ClaimedJob?)

  /// Gives a job back without counting the attempt; if somebody asked to stop it, it is canceled.
  ///
  /// - Returns: `false`, with nothing written, when the lease is lost or expired.
  func release(_ lease: JobLease, now: Date) throws(JobStoreError) -> Bool

  /// Cancels a waiting job at once, asks a running one to stop, leaves a finished one alone.
  ///
  /// - Throws: `jobMissing`; `unavailable`.
  func requestCancel(_ id: String, now: Date) throws(JobStoreError) -> Job

  /// Takes running jobs from workers that are gone. Those with attempts left wait again; the others
  /// fail with `error` (opaque JSON).
  ///
  /// A lost lease counts as an attempt. When the process died, that counts only for a job that ran
  /// alone: of several, any may have been the cause, so all are suspect and none is charged.
  func recoverAbandoned(
    _ scope: RecoveryScope, error: [UInt8], now: Date
  ) throws(JobStoreError) -> JobRecovery

  /// Ends waiting jobs whose deadline is at or before `now`, some hundreds at most so that others can
  /// write in between, and returns their ids: none once there are no more.
  func expireDeadlines(now: Date) throws(JobStoreError) -> [String]

  /// The earliest deadline of a waiting job; `nil` when none has one.
  func earliestDeadline() throws(JobStoreError) -> Date?

  func find(_ id: String) throws(JobStoreError) -> Job?

  /// The job and its documents.
  func record(of id: String) throws(JobStoreError) -> JobRecord?

  /// Jobs that match, newest first. Pages that follow each other's tokens hold every job that was
  /// there at the start exactly once, whatever is added or finished meanwhile.
  ///
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`; `unavailable`.
  func list(_ query: JobQuery, page: PageRequest) throws(JobStoreError) -> JobPage

  /// Requests and results of these jobs; ids that do not exist are absent.
  func documents(of ids: [String]) throws(JobStoreError) -> [String: JobDocuments]

  /// What the job works on; `nil` when there is no such job.
  func input(of id: String) throws(JobStoreError) -> [UInt8]?

  /// One of the job's outputs; `nil` when there is no such job or output.
  func output(of id: String, named name: String) throws(JobStoreError) -> [UInt8]?

  /// Removes a finished job and all that belongs to it.
  ///
  /// - Throws: `jobMissing`, `jobUnfinished`; `unavailable`.
  func delete(_ id: String) throws(JobStoreError)

  func statistics(now: Date) throws(JobStoreError) -> JobStatistics
}

extension JobStore {
  /// Takes the waiting job whose turn it is, where any number may run at once.
  public func claim(
    worker: String, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> ClaimedJob? {
    try claim(worker: worker, limits: .none, now: now, leaseSeconds: leaseSeconds)
  }

  /// Keeps one lease.
  public func renew(
    _ lease: JobLease, progress: [UInt8]?, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> LeaseStanding {
    let renewal = LeaseRenewal(lease: lease, progress: progress)
    return try renew([renewal], now: now, leaseSeconds: leaseSeconds).first ?? .lost
  }
}
