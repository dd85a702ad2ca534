// The pool stores where its jobs stand, in time and in order.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

extension WorkerPoolTests {
  private func checkpoints(_ store: ScriptedStore) -> [[UInt8]] {
    store.state.withLock { $0.checkpoints["job-0"] ?? [] }
  }

  @Test("the newest checkpoint is stored at the next upkeep, and once")
  func storesCheckpoints() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let keeper = ControlKeeper()
    let pool = pool(store) { [started, proceed] _, control in
      keeper.keep(control)
      control.report(checkpoint: [1])
      control.report(checkpoint: [2])
      started.signal()
      proceed.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    pool.maintain()
    pool.maintain()
    // The pool's own thread may have come in between.
    #expect(checkpoints(store).last == [2] && checkpoints(store).count <= 2)
    let before = checkpoints(store).count
    keeper.control?.report(checkpoint: [3])
    store.fail(.checkpoint, times: 1)
    pool.maintain()
    #expect(checkpoints(store).count == before, "one that could not be stored is lost")
    #expect(keeper.control?.shouldStop == false)
    keeper.control?.report(checkpoint: [4])
    pool.maintain()
    #expect(checkpoints(store).last == [4] && checkpoints(store).count == before + 1)
    proceed.signal()
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished["job-0"]?.outcome } == .succeeded)
  }

  @Test("draining stores the last checkpoint before the job goes back")
  func drainStoresTheLast() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store) { [started] _, control in
      control.report(checkpoint: [1])
      started.signal()
      while !control.shouldStop { Thread.yieldToOthers() }
      control.report(checkpoint: [2])
      return JobReport(outcome: .interrupted)
    }
    try pool.start()
    started.wait()
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(checkpoints(store).last == [2])
    #expect(store.state.withLock { $0.released } == ["job-0"])
  }

  @Test("a lease that has expired is kept for a checkpoint, and stops nobody")
  func expiredLeaseOfCheckpoint() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let keeper = ControlKeeper()
    let pool = pool(store) { [started, proceed] _, control in
      keeper.keep(control)
      started.signal()
      proceed.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    store.fail(.renew, times: 1)
    time.advance(by: 31)
    keeper.control?.report(checkpoint: [1])
    pool.maintain()
    #expect(checkpoints(store) == [[1]])
    #expect(keeper.control?.shouldStop == false)
    proceed.signal()
    log.wait(for: isSettled)
    pool.drain(graceSeconds: 60)
  }

  @Test("upkeep gives a sign before each job it looks after, not only when a round begins")
  func signsWithinARound() throws {
    let store = ScriptedStore(jobs: jobs(2))
    let reported = DispatchSemaphore(value: 0)
    let pool = pool(store, workers: 2) { [started, proceed] _, control in
      started.signal()
      reported.wait()
      control.report(checkpoint: [1])
      started.signal()
      proceed.wait()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    while pool.upkeepSilenceSeconds == nil { Thread.yieldToOthers() }
    let stored = Mutex<[(silence: Double, at: DispatchTime)]>([])
    store.onCheckpoint.withLock {
      $0 = { stored.withLock { $0.append((pool.upkeepSilenceSeconds ?? .infinity, .now())) } }
    }
    for _ in 0..<2 { started.wait() }
    for _ in 0..<2 { reported.signal() }
    for _ in 0..<2 { started.wait() }
    pool.maintain()
    let signs = stored.withLock { $0 }
    #expect(signs.count == 2)
    if let first = signs.first, let last = signs.last {
      let between = Double(last.at.uptimeNanoseconds - first.at.uptimeNanoseconds) * 1e-9
      #expect(last.silence < between)
    }
    store.onCheckpoint.withLock { $0 = {} }
    for _ in 0..<2 { proceed.signal() }
    pool.drain(graceSeconds: 60)
  }

  @Test("a checkpoint under a lost lease stops the runner")
  func lostLeaseOfCheckpoint() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let keeper = ControlKeeper()
    let pool = pool(store) { [started] _, control in
      keeper.keep(control)
      started.signal()
      while !control.shouldStop { Thread.yieldToOthers() }
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    started.wait()
    store.state.withLock { $0.running = [:] }
    keeper.control?.report(checkpoint: [1])
    pool.maintain()
    log.wait(for: isLost)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.isEmpty && $0.checkpoints.isEmpty })
  }
}
