// The pool while its store fails: results are kept, leases too, and nobody's job is taken.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

extension WorkerPoolTests {
  @Test("a result is kept and stored again while the store fails, and while claims fail")
  func retries() throws {
    let store = ScriptedStore(jobs: jobs(1))
    store.fail(.claim, times: 3)
    store.fail(.finish, times: 3)
    let pool = pool(store) { _, _ in JobReport(outcome: .succeeded, document: [7]) }
    try pool.start()
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["job-0"]?.document } == [7])
  }

  @Test("a worker gives up storing after as long as it may try, and not before")
  func givesUp() throws {
    let store = ScriptedStore(jobs: jobs(1))
    store.fail(.finish, times: .max)
    let pool = pool(store, settleSeconds: 100) { _, _ in JobReport(outcome: .succeeded) }
    try pool.start()
    let tries = 5
    log.wait(times: tries, for: isFinishFailure)
    time.advance(by: 99)
    log.wait(times: 2 * tries, for: isFinishFailure)
    #expect(!log.contains(isLost))
    time.advance(by: 1.1)
    log.wait(for: isLost)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.isEmpty })
  }

  @Test("a result outlives its lease: storage that fails for an hour loses nothing")
  func longFailure() throws {
    let store = ScriptedStore(jobs: jobs(1))
    store.fail(.finish, times: .max)
    let pool = pool(store) { _, _ in JobReport(outcome: .succeeded, document: [7]) }
    try pool.start()
    log.wait(times: 2, for: isFinishFailure)
    store.fail(.renew, times: 1)
    time.advance(by: 3600)
    // There is room again just after the lease could not be renewed, and recovery is due.
    pool.maintain()
    log.wait(times: 4, for: isFinishFailure)
    store.fail(.finish, times: 0)
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["job-0"]?.document } == [7])
    #expect(store.state.withLock { $0.fence } == 1, "it was done once")
    #expect(!log.contains(isLost))
  }

  @Test("an end that damaged storage refuses is given up after as many tries as may be, not before")
  func damage() throws {
    let store = ScriptedStore(jobs: jobs(2))
    store.state.withLock { $0.damaged = ["job-0"] }
    let mended = RunCounter()
    let pool = WorkerPool(
      store: store, runner: ClosureRunner { _, _ in JobReport(outcome: .succeeded) },
      changes: JobChanges(),
      configuration: WorkerPoolConfiguration(
        workerCount: 1, progressSeconds: 3600, pollSeconds: 0.002, damagedTriesMax: 4),
      clock: time.clock
    ) { event in
      log.add(event)
      guard isFinishFailure(event) else { return }
      mended.add("try")
      // The second job's storage is mended in time for its last try.
      if mended.ids.count == 4 { store.state.withLock { $0.damaged = ["job-1"] } }
      if mended.ids.count == 7 { store.state.withLock { $0.damaged = [] } }
    }
    try pool.start()
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(mended.ids.count == 7)
    #expect(log.all.count { if case .leaseLost("job-0") = $0 { true } else { false } } == 1)
    #expect(store.state.withLock { $0.finished.keys.sorted() } == ["job-1"])
    #expect(store.state.withLock { $0.running.keys.sorted() } == ["job-0"], "until it expires")
  }

  @Test("nobody's job is taken while leases cannot be renewed; what is abandoned is after it")
  func recoveryWaits() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store, untilStopped(.succeeded))
    try pool.start()
    started.wait()
    let before = store.state.withLock { $0.recoveries }
    store.fail(.renew, times: 20)
    for _ in 0..<20 {
      time.advance(by: 16)
      pool.maintain()
    }
    #expect(store.state.withLock { $0.recoveries } == before)
    time.advance(by: 0.01)
    pool.maintain()
    #expect(store.state.withLock { $0.recoveries } == before + 1)
    #expect(store.state.withLock { $0.running.keys.sorted() } == ["job-0"])
    _ = try pool.cancel("job-0")
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
  }

  @Test("a store that cannot be recovered keeps the pool from starting")
  func recoveryFails() {
    let store = ScriptedStore()
    store.fail(.recover, times: 1)
    let pool = pool(store) { _, _ in JobReport(outcome: .succeeded) }
    #expect(throws: ScriptedStore.failure) { try pool.start() }
    #expect(pool.status.phase == .idle)
  }
}
