// The pool against a scripted store: running, leases, stopping.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

/// Runs jobs as a closure says.
struct ClosureRunner: JobRunner {
  let body: @Sendable (ClaimedJob, JobControl) -> JobReport
  func run(_ job: ClaimedJob, control: JobControl) -> JobReport { body(job, control) }
}

/// Collects the pool's events and lets a test wait for one.
final class EventLog: Sendable {
  private let events = Mutex<[PoolEvent]>([])
  private let arrived = WorkSignal()

  func add(_ event: PoolEvent) {
    events.withLock { $0.append(event) }
    arrived.wake(.max)
  }

  /// Waits until so many events have `match`; a test that waits in vain runs into its time limit.
  func wait(times: Int = 1, for match: (PoolEvent) -> Bool) {
    while true {
      let generation = arrived.generation
      if events.withLock({ $0.count(where: match) }) >= times { return }
      arrived.wait(after: generation, seconds: 60)
    }
  }

  var all: [PoolEvent] { events.withLock { $0 } }

  func contains(_ match: (PoolEvent) -> Bool) -> Bool {
    events.withLock { events in events.contains(where: match) }
  }
}

@Suite("Worker pool", .timeLimit(.minutes(1)))
struct WorkerPoolTests {
  let time = ManualClock()
  let log = EventLog()
  let started = DispatchSemaphore(value: 0)
  let proceed = DispatchSemaphore(value: 0)

  func pool(
    _ store: ScriptedStore, workers: Int = 1, settleSeconds: Double = 86_400, poll: Double = 0.002,
    _ body: @escaping @Sendable (ClaimedJob, JobControl) -> JobReport
  ) -> WorkerPool {
    WorkerPool(
      store: store, runner: ClosureRunner(body: body), changes: JobChanges(),
      configuration: WorkerPoolConfiguration(
        workerCount: workers, leaseSeconds: 30, heartbeatSeconds: 5, progressSeconds: 3600,
        pollSeconds: poll, unresponsiveSeconds: 10, settleSecondsMax: settleSeconds),
      clock: time.clock, onEvent: log.add)
  }

  func jobs(_ count: Int, deadline: Double? = nil) -> [Job] {
    let now = time.clock.now()
    return (0..<count).map { index in
      Job(
        id: "job-\(index)", subject: "s", facets: JobFacets(method: "m"), createdAt: now,
        deadline: deadline.map { now.addingTimeInterval($0) }, attemptsMax: 3)
    }
  }

  /// A runner that says when it began and ends when it is told to stop.
  func untilStopped(_ outcome: JobOutcome) -> @Sendable (ClaimedJob, JobControl) -> JobReport {
    { [started] _, control in
      started.signal()
      while !control.shouldStop { Thread.yieldToOthers() }
      return JobReport(outcome: outcome)
    }
  }

  /// A runner that ends when the test says so, whatever it is told.
  func deaf(_ outcome: JobOutcome) -> @Sendable (ClaimedJob, JobControl) -> JobReport {
    { [started, proceed] _, _ in
      started.signal()
      proceed.wait()
      return JobReport(outcome: outcome)
    }
  }

  func isSettled(_ event: PoolEvent) -> Bool { if case .settled = event { true } else { false } }
  func isFinishFailure(_ event: PoolEvent) -> Bool {
    if case .storeFailed(during: .finish, _) = event { true } else { false }
  }
  func isLost(_ event: PoolEvent) -> Bool { if case .leaseLost = event { true } else { false } }

  @Test("every job is run once and stored")
  func all() throws {
    let store = ScriptedStore(jobs: jobs(50))
    let done = DispatchGroup()
    for _ in 0..<50 { done.enter() }
    let counter = RunCounter()
    let pool = pool(store, workers: 4) { job, _ in
      counter.add(job.job.id)
      done.leave()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    done.wait()
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(counter.ids.count == 50 && Set(counter.ids).count == 50)
    #expect(store.state.withLock { $0.finished.count } == 50)
    #expect(pool.status.phase == .stopped && pool.status.busyCount == 0)
  }

  @Test("leases are renewed by the heartbeat, and progress goes along")
  func heartbeat() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store) { [started, proceed] _, control in
      control.report(progress: [1])
      started.signal()
      proceed.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    pool.maintain()
    #expect(store.state.withLock { $0.renewals.compactMap(\.progress) } == [[1]])
    let before = store.state.withLock { $0.renewals.count }
    time.advance(by: 4.9)
    pool.maintain()
    #expect(store.state.withLock { $0.renewals.count } == before)
    time.advance(by: 0.2)
    pool.maintain()
    #expect(store.state.withLock { $0.renewals.count } == before + 1)
    time.advance(by: -3600)
    pool.maintain()
    // The pool's own thread may have looked as well.
    #expect(store.state.withLock { $0.renewals.count } >= before + 2, "the clock was set back")
    proceed.signal()
    pool.drain(graceSeconds: 60)
  }

  @Test("a lost lease stops the runner and nothing is stored")
  func lostLease() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store, untilStopped(.succeeded))
    try pool.start()
    started.wait()
    store.state.withLock { $0.running = [:] }
    time.advance(by: 6)
    pool.maintain()
    log.wait(for: isLost)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.isEmpty })
  }

  @Test("cancellation reaches a running job at once, and through the store by the heartbeat")
  func cancellation() throws {
    for isDirect in [true, false] {
      let store = ScriptedStore(jobs: jobs(1))
      let pool = pool(store, untilStopped(.canceled))
      try pool.start()
      started.wait()
      if isDirect {
        #expect(try pool.cancel("job-0").state == .running)
      } else {
        store.state.withLock { $0.standing = .cancelRequested }
        time.advance(by: 6)
        pool.maintain()
      }
      log.wait(for: isSettled)
      pool.drain(graceSeconds: 60)
      #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .canceled)
    }
  }

  @Test("a deadline stops a running job when it comes and not before")
  func deadline() throws {
    let store = ScriptedStore(jobs: jobs(1, deadline: 3))
    let held = DispatchSemaphore(value: 0)
    let keeper = ControlKeeper()
    let pool = pool(store) { _, control in
      keeper.keep(control)
      held.signal()
      while !control.isDeadlinePassed { Thread.yieldToOthers() }
      return JobReport(outcome: .expired)
    }
    try pool.start()
    held.wait()
    time.advance(by: 2.9)
    pool.maintain()
    #expect(keeper.control?.shouldStop == false)
    time.advance(by: 0.1)
    pool.maintain()
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .expired)
  }

  @Test("a runner that does not listen loses its job and its late report")
  func unresponsive() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store, deaf(.succeeded))
    try pool.start()
    started.wait()
    _ = try pool.cancel("job-0")
    pool.maintain()
    time.advance(by: 9.9)
    pool.maintain()
    #expect(store.state.withLock { $0.finished.isEmpty })
    time.advance(by: 0.2)
    pool.maintain()
    #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .canceled)
    #expect(pool.status.unresponsiveCount == 1 && pool.status.busyCount == 1)
    proceed.signal()
    log.wait(for: isLost)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .canceled)
  }

  @Test("a job whose lease has expired is ended without its runner all the same")
  func unresponsiveAfterExpiry() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store, deaf(.succeeded))
    try pool.start()
    started.wait()
    _ = try pool.cancel("job-0")
    pool.maintain()
    store.fail(.renew, times: 1)
    time.advance(by: 31)
    pool.maintain()
    // By this round, or by one of the pool's own that it fell together with.
    log.wait { if case .unresponsive("job-0") = $0 { true } else { false } }
    #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .canceled)
    proceed.signal()
    log.wait(for: isLost)
    pool.drain(graceSeconds: 60)
  }

  @Test("a wake-up is enough: workers do not depend on polling")
  func wakeUp() throws {
    let store = ScriptedStore()
    let pool = pool(store, poll: 3600) { _, _ in JobReport(outcome: .succeeded) }
    try pool.start()
    let added = jobs(1)
    store.state.withLock { $0.waiting = added }
    pool.wake()
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
  }
}

final class RunCounter: Sendable {
  private let runs = Mutex<[String]>([])
  func add(_ id: String) { runs.withLock { $0.append(id) } }
  var ids: [String] { runs.withLock { $0 } }
}

final class ControlKeeper: Sendable {
  private let kept = Mutex<JobControl?>(nil)
  func keep(_ control: JobControl) { kept.withLock { $0 = control } }
  var control: JobControl? { kept.withLock { $0 } }
}
