// A job store for tests of the pool: a few jobs in memory, and failures on demand.

import Foundation
import Jobs
import Synchronization

/// Does what the pool needs of a store, and fails where it is told to.
final class ScriptedStore: JobStore {
  struct State {
    var waiting: [Job] = []
    /// Leases by job, with their renewed expiries.
    var running: [String: JobLease] = [:]
    /// Every job that was taken.
    var taken: [String: Job] = [:]
    var finished: [String: JobReport] = [:]
    var released: [String] = []
    var renewals: [(progress: [UInt8]?, now: Date)] = []
    /// Writes that renewed leases, one or many.
    var renewingWrites = 0
    var checkpoints: [String: [[UInt8]]] = [:]
    var standing = LeaseStanding.held
    var failures: [PoolOperation: Int] = [:]
    /// Waiting jobs that a call expires at most.
    var expiredTogetherMax = Int.max
    /// Jobs whose end cannot be stored.
    var damaged: Set<String> = []
    var fence = 0
    var recoveries = 0
    var companionRequests: [CompanionRequest] = []
    /// Of several endings at once.
    var commits = 0
    /// Endings with which the next job was to be taken.
    var exchanges = 0
    /// Claims of a single job.
    var claims = 0

    func isHeld(_ lease: JobLease) -> Bool {
      running[lease.jobID].map { $0.fence == lease.fence && $0.worker == lease.worker } ?? false
    }

    /// Held and not expired: what writes ask for.
    func holds(_ lease: JobLease, _ now: Date) -> Bool {
      isHeld(lease) && running[lease.jobID].map { $0.expiresAt > now } == true
    }
  }

  let state = Mutex(State())
  /// Called before each checkpoint is stored.
  let onCheckpoint = Mutex<@Sendable () -> Void>({})
  /// Called once a job was claimed, before the worker hears of it.
  let onClaim = Mutex<@Sendable () -> Void>({})

  static let failure = JobStoreError.unavailable(
    JobStoreFailure(kind: .full, description: "scripted"))

  static let damage = JobStoreError.unavailable(
    JobStoreFailure(kind: .corrupt, description: "scripted"))

  init(jobs: [Job] = []) { state.withLock { $0.waiting = jobs } }

  func fail(_ operation: PoolOperation, times: Int) {
    state.withLock { $0.failures[operation] = times }
  }

  private func attempt<Value>(
    _ operation: PoolOperation, _ body: (inout State) -> Value
  ) throws(JobStoreError) -> Value {
    let value = state.withLock { state -> Value? in
      if let left = state.failures[operation], left > 0 {
        state.failures[operation] = left - 1
        return nil
      }
      return body(&state)
    }
    guard let value else { throw ScriptedStore.failure }
    return value
  }

  func claim(
    worker: String, limits: ClaimLimits, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> ClaimedJob? {
    let claimed = try attempt(.claim) { state in
      state.claims += 1
      return Self.take(&state, worker: worker, now: now, leaseSeconds: leaseSeconds)
    }
    onClaim.withLock { $0 }()
    return claimed
  }

  private static func take(
    _ state: inout State, worker: String, now: Date, leaseSeconds: Double
  ) -> ClaimedJob? {
    guard !state.waiting.isEmpty else { return nil }
    var job = state.waiting.removeFirst()
    job.state = .running
    job.startedAt = now
    state.fence += 1
    let lease = JobLease(
      jobID: job.id, fence: state.fence, worker: worker,
      expiresAt: now.addingTimeInterval(leaseSeconds))
    state.running[job.id] = lease
    state.taken[job.id] = job
    return ClaimedJob(
      job: job, lease: lease, document: [], input: [], companionKey: job.traceContext)
  }

  /// Jobs whose trace context is the key: a job itself does not know its key.
  func claimCompanions(
    _ request: CompanionRequest, worker: String, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [ClaimedJob] {
    let count = try attempt(.claim) { state in
      state.companionRequests.append(request)
      return min(
        state.waiting.count { $0.traceContext == request.key } / request.workerCount,
        request.countMax)
    }
    var claimed: [ClaimedJob] = []
    while claimed.count < count,
      let job = try claim(worker: worker, now: now, leaseSeconds: leaseSeconds)
    {
      claimed.append(job)
    }
    return claimed
  }

  func finish(_ endings: [JobEnding], now: Date) throws(JobStoreError) -> [Bool] {
    try attempt(.finish) { $0.commits += 1 }
    try refuseDamaged(endings.map(\.lease))
    var isWritten: [Bool] = []
    for ending in endings {
      isWritten.append(try finish(ending.lease, report: ending.report, now: now))
    }
    return isWritten
  }

  private func refuseDamaged(_ leases: [JobLease]) throws(JobStoreError) {
    let damaged = state.withLock { $0.damaged }
    guard damaged.isDisjoint(with: leases.map(\.jobID)) else { throw ScriptedStore.damage }
  }

  func renew(
    _ renewals: [LeaseRenewal], now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [LeaseStanding] {
    try attempt(.renew) { state in
      state.renewingWrites += 1
      return renewals.map { renewal in
        state.renewals.append((renewal.progress, now))
        guard state.isHeld(renewal.lease) else { return .lost }
        state.running[renewal.lease.jobID]?.expiresAt = now.addingTimeInterval(leaseSeconds)
        return state.standing
      }
    }
  }

  func checkpoint(
    _ lease: JobLease, bytes: [UInt8], now: Date
  ) throws(JobStoreError) -> Bool {
    onCheckpoint.withLock { $0 }()
    return try attempt(.checkpoint) { state in
      guard state.holds(lease, now) else { return false }
      state.checkpoints[lease.jobID, default: []].append(bytes)
      return true
    }
  }

  func finish(_ lease: JobLease, report: JobReport, now: Date) throws(JobStoreError) -> Bool {
    if report.outcome == .interrupted { return try release(lease, now: now) }
    try refuseDamaged([lease])
    return try attempt(.finish) { state in
      guard state.holds(lease, now) else { return false }
      state.running[lease.jobID] = nil
      state.finished[lease.jobID] = report
      return true
    }
  }

  func finish(
    _ ending: JobEnding, claimingNextWithin limits: ClaimLimits, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> (isEnded: Bool, next: ClaimedJob?) {
    // Both fail where one is told to.
    try attempt(.claim) { $0.exchanges += 1 }
    guard try finish(ending.lease, report: ending.report, now: now) else { return (false, nil) }
    let next = state.withLock { state in
      Self.take(&state, worker: ending.lease.worker, now: now, leaseSeconds: leaseSeconds)
    }
    return (true, next)
  }

  func release(_ lease: JobLease, now: Date) throws(JobStoreError) -> Bool {
    try attempt(.release) { state in
      guard state.holds(lease, now) else { return false }
      state.running[lease.jobID] = nil
      state.released.append(lease.jobID)
      return true
    }
  }

  func recoverAbandoned(
    _ scope: RecoveryScope, error: [UInt8], now: Date
  ) throws(JobStoreError) -> JobRecovery {
    try attempt(.recover) { state in
      state.recoveries += 1
      let lost = state.running.values.filter { scope == .everyRunningJob || $0.expiresAt <= now }
      for lease in lost {
        state.running[lease.jobID] = nil
        if let job = state.taken[lease.jobID] { state.waiting.append(job) }
      }
      return JobRecovery(requeued: lost.map(\.jobID))
    }
  }

  func requestCancel(_ id: String, now: Date) throws(JobStoreError) -> Job {
    var job = Job(
      id: id, subject: "s", facets: JobFacets(method: "m"), createdAt: now, attemptsMax: 1)
    job.state = state.withLock { $0.running[id] } == nil ? .canceled : .running
    return job
  }

  func expireDeadlines(now: Date) throws(JobStoreError) -> [String] {
    try attempt(.expire) { state in
      let late = state.waiting.filter { ($0.deadline ?? .distantFuture) <= now }
        .prefix(state.expiredTogetherMax).map(\.id)
      state.waiting.removeAll { late.contains($0.id) }
      return late
    }
  }

  func earliestDeadline() throws(JobStoreError) -> Date? {
    state.withLock { $0.waiting.compactMap(\.deadline).min() }
  }

  // The pool asks none of these.
  func enqueue(
    _ submission: JobSubmission, admission: JobAdmission, now: Date
  ) throws(JobStoreError) -> EnqueuedJob { throw ScriptedStore.failure }
  func find(_ id: String) throws(JobStoreError) -> Job? { nil }
  func list(_ query: JobQuery, page: PageRequest) throws(JobStoreError) -> JobPage {
    JobPage(jobs: [], nextToken: nil)
  }
  func record(of id: String) throws(JobStoreError) -> JobRecord? { nil }
  func documents(of ids: [String]) throws(JobStoreError) -> [String: JobDocuments] { [:] }
  func input(of id: String) throws(JobStoreError) -> [UInt8]? { nil }
  func output(of id: String, named name: String) throws(JobStoreError) -> [UInt8]? { nil }
  func delete(_ id: String) throws(JobStoreError) {}
  func statistics(now: Date) throws(JobStoreError) -> JobStatistics {
    JobStatistics(counts: [:], oldestQueuedSeconds: nil)
  }
}

/// A clock that moves when told.
final class ManualClock: Sendable {
  private let seconds = Mutex(0.0)
  func advance(by step: Double) { seconds.withLock { $0 += step } }
  var clock: JobClock {
    JobClock { Date(timeIntervalSince1970: 1_700_000_000 + self.seconds.withLock { $0 }) }
  }
}
