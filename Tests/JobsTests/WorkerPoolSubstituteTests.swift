// Runners that do not return keep their threads, and not the queue.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

extension WorkerPoolTests {
  /// Cancels what runs and waits in vain for its runners.
  private func disownAll(_ pool: WorkerPool, _ store: ScriptedStore) throws {
    for id in store.state.withLock({ $0.running.keys.sorted() }) { _ = try pool.cancel(id) }
    pool.maintain()
    time.advance(by: 10.1)
    pool.maintain()
  }

  @Test("a worker whose runner does not return is replaced until it does")
  func substitute() throws {
    let store = ScriptedStore(jobs: jobs(2))
    let pool = pool(store) { [started, proceed] job, _ in
      if job.job.id == "job-0" {
        started.signal()
        proceed.wait()
      }
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    #expect(pool.status.workerCount == 1)
    try disownAll(pool, store)
    log.wait { if case .settled(let job, _, _) = $0 { job.id == "job-1" } else { false } }
    let status = pool.status
    #expect(status.workerCount == 2 && status.unresponsiveCount == 1)
    proceed.signal()
    log.wait(for: isLost)
    while pool.status.workerCount > 1 { Thread.yieldToOthers() }
    #expect(pool.status.unresponsiveCount == 0)
    let more = jobs(5).suffix(3)
    store.state.withLock { $0.waiting = Array(more) }
    pool.wake(3)
    log.wait(times: 4, for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.count } == 5)
  }

  @Test("there are as many substitutes as workers and no more; who returns takes an empty place")
  func substitutesMax() throws {
    let store = ScriptedStore(jobs: jobs(6))
    let pool = pool(store, workers: 2, deaf(.succeeded))
    try pool.start()
    for _ in 0..<2 {
      for _ in 0..<2 { started.wait() }
      try disownAll(pool, store)
    }
    let status = pool.status
    #expect(status.workerCount == 4 && status.busyCount == 4 && status.unresponsiveCount == 4)
    #expect(store.state.withLock { $0.waiting.count } == 2, "nobody is left to take them")
    proceed.signal()
    started.wait()
    #expect(store.state.withLock { $0.waiting.count } == 1)
    #expect(pool.status.workerCount == 4 && pool.status.unresponsiveCount == 3)
    for _ in 0..<6 { proceed.signal() }
    log.wait(times: 2, for: isSettled)
    while pool.status.workerCount > 2 { Thread.yieldToOthers() }
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(store.state.withLock { $0.finished.count } == 6)
  }

  @Test("a runner that goes on though its job was lost is replaced as well")
  func substituteForTheLost() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store, deaf(.succeeded))
    try pool.start()
    started.wait()
    store.state.withLock { $0.running = [:] }
    for _ in 0..<3 {
      time.advance(by: 6)
      pool.maintain()
    }
    #expect(pool.status.workerCount == 2 && pool.status.unresponsiveCount == 1)
    #expect(store.state.withLock { $0.finished.isEmpty })
    for _ in 0..<2 { proceed.signal() }
    log.wait(for: isLost)
    pool.drain(graceSeconds: 60)
  }

  @Test("a result that is kept for want of storage outlives its deadline: its worker did return")
  func keptBeyondItsDeadline() throws {
    let store = ScriptedStore(jobs: jobs(1, deadline: 3))
    store.fail(.finish, times: .max)
    let pool = pool(store, poll: 3600) { _, _ in JobReport(outcome: .succeeded) }
    try pool.start()
    log.wait(for: isFinishFailure)
    time.advance(by: 6)
    pool.maintain()
    // There is room again, and upkeep is the first to see it.
    store.fail(.finish, times: 0)
    time.advance(by: 11)
    pool.maintain()
    #expect(pool.status.unresponsiveCount == 0 && pool.status.workerCount == 1)
    // Wakes the worker.
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .succeeded)
    #expect(log.all.count(where: isSettled) == 1)
  }
}
