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
    #expect(pool.drain(graceSeconds: 60) == [])
    #expect(checkpoints(store).last == [2])
    #expect(store.state.withLock { $0.released } == ["job-0"])
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
