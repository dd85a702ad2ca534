// A worker goes from job to job: it ends one and takes the next in one write.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

extension WorkerPoolTests {
  @Test("a worker takes its next job with the end of the last, as long as any wait")
  func exchanges() throws {
    let store = ScriptedStore(jobs: jobs(5))
    let pool = pool(store, poll: 3600) { _, _ in JobReport(outcome: .succeeded) }
    try pool.start()
    log.wait(times: 5, for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.exchanges } == 5)
    #expect(store.state.withLock { $0.fence } == 5, "each was taken once")
    let claims = store.state.withLock { $0.claims }
    #expect(claims <= 2, "the first job, and once more when nothing was left: \(claims)")
  }

  @Test("a next job that cannot be taken costs no result")
  func exchangeFails() throws {
    let store = ScriptedStore(jobs: jobs(3))
    let pool = pool(store) { job, _ in
      if job.job.id == "job-1" { store.fail(.claim, times: 1) }
      return JobReport(outcome: .succeeded, document: [7])
    }
    try pool.start()
    log.wait(times: 3, for: isSettled)
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.mapValues(\.document) }.count == 3)
    #expect(log.all.count(where: isFinishFailure) == 1)
    #expect(log.all.count(where: isSettled) == 3 && !log.contains(isLost))
  }

  @Test("a pool that drains takes no job with the end of another")
  func exchangesNoneWhileDraining() throws {
    let store = ScriptedStore(jobs: jobs(2))
    let pool = pool(store, untilStopped(.succeeded))
    try pool.start()
    started.wait()
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(store.state.withLock { $0.finished.keys.sorted() } == ["job-0"])
    #expect(store.state.withLock { $0.waiting.map(\.id) } == ["job-1"])
    #expect(store.state.withLock { $0.exchanges } == 0)
  }
}
