// Deadlines are met by a timer: the pool's own thread wakes for them, with nobody calling it.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

@Suite("Deadlines in the worker pool", .timeLimit(.minutes(1)))
struct PoolDeadlineTests {
  let log = EventLog()

  /// Looks at nothing of its own accord for an hour.
  func pool(
    _ store: ScriptedStore, _ clock: JobClock, leaseSeconds: Double = 7200,
    _ body: @escaping @Sendable (ClaimedJob, JobControl) -> JobReport
  ) -> WorkerPool {
    WorkerPool(
      store: store, runner: ClosureRunner(body: body), changes: JobChanges(),
      configuration: WorkerPoolConfiguration(
        workerCount: 1, leaseSeconds: leaseSeconds, heartbeatSeconds: leaseSeconds / 2.1,
        progressSeconds: 3600, pollSeconds: 3600, unresponsiveSeconds: 10),
      clock: clock, onEvent: log.add)
  }

  func job(_ id: String, deadline: Date) -> Job {
    Job(
      id: id, subject: "s", facets: JobFacets(method: "m"), createdAt: deadline,
      deadline: deadline, attemptsMax: 3)
  }

  @Test("a waiting job that was announced expires at its deadline")
  func waiting() throws {
    let store = ScriptedStore()
    let clock = JobClock.steady()
    let busy = DispatchSemaphore(value: 0)
    let first = job("busy", deadline: clock.now().addingTimeInterval(3000))
    store.state.withLock { $0.waiting = [first] }
    let started = DispatchSemaphore(value: 0)
    let pool = pool(store, clock) { _, _ in
      started.signal()
      busy.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    pool.wake(deadline: first.deadline)
    started.wait()
    let deadline = clock.now().addingTimeInterval(0.05)
    let second = job("late", deadline: deadline)
    store.state.withLock { $0.waiting = [second] }
    pool.wake(deadline: deadline)
    log.wait { if case .expired(jobIDs: ["late"]) = $0 { true } else { false } }
    #expect(clock.now() >= deadline)
    busy.signal()
    pool.drain(graceSeconds: 60)
  }

  @Test("a running job is told at its deadline, whatever its runner does")
  func running() throws {
    let store = ScriptedStore()
    let clock = JobClock.steady()
    let deadline = clock.now().addingTimeInterval(0.05)
    let only = job("only", deadline: deadline)
    store.state.withLock { $0.waiting = [only] }
    let pool = pool(store, clock) { _, control in
      while !control.isDeadlinePassed { Thread.yieldToOthers() }
      return JobReport(outcome: .expired)
    }
    try pool.start()
    pool.wake(deadline: deadline)
    log.wait { if case .settled = $0 { true } else { false } }
    #expect(clock.now() >= deadline)
    pool.drain(graceSeconds: 60)
  }

  @Test("a clock that jumps an hour takes no job from its worker", arguments: [3600.0, -3600])
  func jumps(by jump: Double) throws {
    let time = ManualClock()
    let store = ScriptedStore()
    let only = job("only", deadline: time.clock.now().addingTimeInterval(86_400))
    store.state.withLock { $0.waiting = [only] }
    let started = DispatchSemaphore(value: 0)
    let proceed = DispatchSemaphore(value: 0)
    let pool = pool(store, time.clock, leaseSeconds: 30) { _, control in
      started.signal()
      proceed.wait()
      return JobReport(outcome: control.shouldStop ? .failed([]) : .succeeded)
    }
    try pool.start()
    started.wait()
    let renewals = store.state.withLock { $0.renewals.count }
    time.advance(by: jump)
    pool.maintain()
    #expect(store.state.withLock { $0.renewals.count } > renewals, "the lease follows the clock")
    #expect(store.state.withLock { $0.recoveries } > 1, "who is abandoned was looked for")
    proceed.signal()
    log.wait { if case .settled = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["only"]?.outcome } == .succeeded)
    #expect(store.state.withLock { $0.fence } == 1, "it was done once")
  }

  @Test("all whose deadline has passed expire in one round, however few the store expires at once")
  func manyExpire() throws {
    let time = ManualClock()
    let store = ScriptedStore()
    let first = job("busy", deadline: time.clock.now().addingTimeInterval(86_400))
    store.state.withLock { $0.waiting = [first] }
    let started = DispatchSemaphore(value: 0)
    let proceed = DispatchSemaphore(value: 0)
    let pool = pool(store, time.clock) { _, _ in
      started.signal()
      proceed.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    let late = (0..<5).map { job("late-\($0)", deadline: time.clock.now().addingTimeInterval(1)) }
    let later = job("later", deadline: time.clock.now().addingTimeInterval(3700))
    store.state.withLock { state in
      state.waiting = late + [later]
      state.expiredTogetherMax = 2
    }
    // Nobody announced them: the pool looks of itself now, and its own thread sleeps.
    time.advance(by: 3601)
    pool.maintain()
    #expect(log.all.count { if case .expired = $0 { true } else { false } } == 3)
    #expect(store.state.withLock { $0.waiting.map(\.id) } == ["later"])
    store.state.withLock { $0.waiting = [] }
    proceed.signal()
    pool.drain(graceSeconds: 60)
  }

  @Test("nobody wakes for the deadline of a job that was taken from its runner")
  func disowned() throws {
    let time = ManualClock()
    let store = ScriptedStore()
    let deadline = time.clock.now().addingTimeInterval(100)
    let only = job("only", deadline: deadline)
    store.state.withLock { $0.waiting = [only] }
    let started = DispatchSemaphore(value: 0)
    let proceed = DispatchSemaphore(value: 0)
    let pool = pool(store, time.clock) { _, _ in
      started.signal()
      proceed.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    #expect(pool.secondsToNextRound() == 100)
    _ = try pool.cancel("only")
    pool.maintain()
    time.advance(by: 11)
    pool.maintain()
    #expect(store.state.withLock { $0.finished["only"]?.outcome } == .canceled)
    #expect(pool.secondsToNextRound() == 3600)
    time.advance(by: 100)
    pool.maintain()
    #expect(pool.secondsToNextRound() == 3600, "no spin once it has passed")
    proceed.signal()
    pool.drain(graceSeconds: 60)
  }
}
