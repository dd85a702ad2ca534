// How a pool comes to its end, and what it does with the jobs that it has.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

extension WorkerPoolTests {
  @Test("draining gives interrupted jobs back and claims no more")
  func drain() throws {
    let store = ScriptedStore(jobs: jobs(3))
    let pool = pool(store, untilStopped(.interrupted))
    try pool.start()
    started.wait()
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(store.state.withLock { $0.released } == ["job-0"])
    #expect(store.state.withLock { $0.waiting.count } == 2)
  }

  @Test("draining takes the job of a runner that does not stop in time")
  func drainTakes() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let pool = pool(store, deaf(.succeeded))
    try pool.start()
    started.wait()
    #expect(pool.drain(graceSeconds: 0.001).taken == ["job-0"])
    #expect(store.state.withLock { $0.released } == ["job-0"])
    proceed.signal()
    log.wait(for: isLost)
    #expect(store.state.withLock { $0.finished.isEmpty })
  }

  @Test("draining without grace finds a job that is just being claimed")
  func drainWhileClaiming() throws {
    let store = ScriptedStore(jobs: jobs(1))
    let (started, proceed) = (started, proceed)
    store.onClaim.withLock { onClaim in
      onClaim = {
        started.signal()
        proceed.wait()
      }
    }
    let pool = pool(store, untilStopped(.interrupted))
    try pool.start()
    started.wait()
    let isDrained = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      pool.drain(graceSeconds: 0)
      isDrained.signal()
    }
    while pool.status.phase == .running { Thread.yieldToOthers() }
    // There is no grace left, and yet it waits.
    #expect(isDrained.wait(timeout: .now() + 0.05) == .timedOut)
    proceed.signal()
    isDrained.wait()
    #expect(store.state.withLock { $0.running.isEmpty })
    #expect(store.state.withLock { $0.released } == ["job-0"])
  }
}
