// The threads that do the jobs of one store.

import Dispatch
import Foundation
import Synchronization

/// Takes jobs from a store and has a runner do them, one a thread.
///
/// The workers' threads belong to the runner while it runs: leases, deadlines, cancellation and
/// progress are the maintenance thread's, so a runner that never returns keeps its thread but neither
/// its job nor its place: another thread takes that. The pool lives from `start` to `drain`.
public final class WorkerPool: Sendable {
  public typealias EventHandler = @Sendable (PoolEvent) -> Void

  let store: any JobStore
  let runner: any JobRunner
  let clock: JobClock
  let configuration: WorkerPoolConfiguration
  let emit: EventHandler
  let changes: JobChanges

  /// Wakes workers.
  let work = WorkSignal()
  /// Wakes the maintenance thread, and workers that wait to store a result again.
  let upkeep = WorkSignal()
  let state = Mutex(State())
  /// When the maintenance thread last gave a sign, in nanoseconds of uptime.
  let turnedAt = Atomic<UInt64>(0)
  /// Steps in which workers take jobs.
  let takings = DispatchGroup()
  private let workers = DispatchGroup()
  private let maintenance = DispatchGroup()

  /// - Parameter onEvent: called on the pool's threads.
  public init(
    store: any JobStore, runner: any JobRunner, changes: JobChanges,
    configuration: WorkerPoolConfiguration, clock: JobClock,
    onEvent: @escaping EventHandler = { _ in }
  ) {
    self.store = store
    self.runner = runner
    self.changes = changes
    self.configuration = configuration
    self.clock = clock
    self.emit = onEvent
  }

  /// Picks up what an earlier process left running and starts the threads. Call it once.
  ///
  /// - Throws: `unavailable` when the store could not be recovered; nothing was started.
  public func start() throws(JobStoreError) {
    let now = clock.now()
    let recovery = try store.recoverAbandoned(
      .everyRunningJob, error: configuration.abandonedError, now: now)
    if !recovery.isEmpty { emit(.recovered(recovery)) }
    state.withLock { state in
      precondition(state.phase == .idle, "a worker pool is started once")
      state.phase = .running
      state.lastExpiryAt = now
      state.lastRecoveryAt = now
    }
    for index in 0..<configuration.workerCount { startWorker(index) }
    startThread("jobs-upkeep", in: maintenance) { [self] in runMaintenance() }
  }

  /// Cancels a waiting job at once and tells a running one to stop now.
  ///
  /// - Returns: the job as it is afterwards; a running one is finished once its runner stopped.
  /// - Throws: `jobMissing`; `unavailable`.
  public func cancel(_ jobID: String) throws(JobStoreError) -> Job {
    let job = try store.requestCancel(jobID, now: clock.now())
    noteCancelRequests([jobID])
    return job
  }

  /// Tells the workers of these jobs to stop now. Call it after the store was asked to cancel them.
  public func noteCancelRequests(_ jobIDs: [String]) {
    let asked = Set(jobIDs)
    let holders = state.withLock { state in
      state.assignments.values.filter { asked.contains($0.jobID) && !$0.isDisowned }
    }
    for holder in holders { holder.control.raise(.canceled) }
    for id in jobIDs { changes.publish(id) }
  }

  /// Stops claiming, interrupts what runs and waits for the threads.
  ///
  /// Interrupted jobs go back to the queue without losing an attempt. Those whose runner has not
  /// stopped after `graceSeconds` are taken from it and go back too.
  ///
  /// - Returns: whether all threads have ended, and the jobs that had to be taken from those that have
  ///   not.
  @discardableResult
  public func drain(graceSeconds: Double) -> (isOver: Bool, taken: [String]) {
    let held = state.withLock { state in
      state.phase = .draining
      return state.assignments.values.map(\.control)
    }
    for control in held { control.raise(.interrupted) }
    work.wake(.max)
    upkeep.wake(.max)
    var taken: [String] = []
    let isOver = workers.wait(timeout: .now() + min(max(graceSeconds, 0), 1e6)) == .success
    if !isOver {
      takings.wait()
      taken = disownEverything()
    }
    state.withLock { $0.phase = .stopped }
    upkeep.wake(.max)
    maintenance.wait()
    return (isOver, taken)
  }

  public var status: WorkerPoolStatus {
    state.withLock { state in
      WorkerPoolStatus(
        phase: state.phase, workerCount: configuration.workerCount + state.replaced.count,
        busyCount: state.busyWorkers.count, unresponsiveCount: state.unresponsiveWorkers.count)
    }
  }

  func startWorker(_ index: Int) {
    startThread("worker-\(index)", in: workers) { [self] in
      ThreadPriority.lower(by: configuration.niceIncrement)
      runWorker(named: "\(configuration.name)-\(index)")
    }
  }

  private func startThread(
    _ name: String, in group: DispatchGroup, body: @escaping @Sendable () -> Void
  ) {
    group.enter()
    let thread = Thread {
      body()
      group.leave()
    }
    thread.name = name
    thread.stackSize = configuration.stackBytes
    thread.start()
  }

  private func disownEverything() -> [String] {
    let remaining = state.withLock { state in
      let remaining = state.assignments.values.filter { !$0.isDisowned }
      for assignment in remaining {
        state.assignments[Hold(assignment.lease)]?.isDisowned = true
      }
      return remaining
    }
    for assignment in remaining {
      assignment.control.raise(.leaseLost)
      do throws(JobStoreError) {
        let report = JobReport(outcome: .interrupted)
        if try finish(JobEnding(lease: assignment.lease, report: report)) {
          emit(.released(jobID: assignment.jobID))
        }
      } catch {
        emit(.storeFailed(during: .release, error))
      }
      changes.publish(assignment.jobID)
    }
    return remaining.map(\.jobID).sorted()
  }
}

extension WorkerPool {
  /// A job that a worker holds.
  struct Assignment {
    var lease: JobLease
    var deadline: Date?
    var control: JobControl
    /// When the lease was last renewed.
    var renewedAt: Date
    /// The last try to renew the lease failed: nobody may take it for that of a dead worker.
    var isRenewalDue = false
    /// When the maintenance thread first saw that the runner had been told to stop.
    var toldToStopAt: Date?
    /// The job was ended or given back without the runner, which has not returned.
    var isDisowned = false
    /// The runner has returned, and what it said is being stored.
    var hasReturned = false

    var jobID: String { lease.jobID }
  }

  /// Tells one hold on a job from all others on it.
  struct Hold: Hashable {
    var jobID: String
    var fence: Int

    init(_ lease: JobLease) {
      jobID = lease.jobID
      fence = lease.fence
    }
  }

  struct State {
    var phase = WorkerPoolStatus.Phase.idle
    /// What the workers hold; a worker of a group holds several.
    var assignments: [Hold: Assignment] = [:]
    var lastExpiryAt = Date.distantPast
    /// The earliest deadline of a waiting job that is known of.
    var nextDeadline: Date?
    /// Until when the maintenance thread sleeps.
    var nextRoundAt = Date.distantPast
    var lastRecoveryAt = Date.distantPast

    /// Workers whose runner did not return and whose place another thread has taken.
    var replaced: Set<String> = []
    /// Over the life of the pool: names of workers are never given twice.
    var substitutesStarted = 0

    var busyWorkers: Set<String> { Set(assignments.values.map(\.lease.worker)) }

    var unresponsiveWorkers: Set<String> {
      Set(assignments.values.filter(\.isDisowned).map(\.lease.worker))
    }
  }
}
