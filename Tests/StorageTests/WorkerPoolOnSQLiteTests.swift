// The pool and the store together: what is accepted is done, also across a restart.

import Dispatch
import Foundation
import Jobs
import Storage
import Synchronization
import Testing

private struct CountingRunner: JobRunner {
  let body: @Sendable (ClaimedJob, JobControl) -> JobReport
  func run(_ job: ClaimedJob, control: JobControl) -> JobReport { body(job, control) }
}

private final class Flag: Sendable {
  private let isRaised = Atomic<Bool>(false)
  /// Whether this call was the first.
  func raise() -> Bool { !isRaised.exchange(true, ordering: .relaxed) }
}

@Suite("Worker pool on SQLite", .timeLimit(.minutes(1)))
struct WorkerPoolOnSQLiteTests {
  func pool(
    _ store: any JobStore, _ changes: JobChanges, workers: Int = 2,
    _ body: @escaping @Sendable (ClaimedJob, JobControl) -> JobReport
  ) -> WorkerPool {
    WorkerPool(
      store: store, runner: CountingRunner(body: body), changes: changes,
      configuration: WorkerPoolConfiguration(workerCount: workers), clock: .steady())
  }

  @Test("observers see a submitted job through to its result")
  func throughput() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    let changes = JobChanges()
    let pool = pool(store, changes) { job, _ in
      JobReport(outcome: .succeeded, document: job.document)
    }
    try pool.start()
    let done = DispatchGroup()
    var observations: [JobObservation] = []
    for index in 0..<100 {
      done.enter()
      let id = "job-\(index)"
      let isDone = Flag()
      observations.append(
        changes.observe(id) { id in
          guard (try? store.find(id))??.state.isFinished == true else { return }
          if isDone.raise() { done.leave() }
        })
      try store.add(.sample(id), at: 0)
      pool.wake()
    }
    done.wait()
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(try store.statistics(now: moment(0)).counts[.succeeded] == 100)
    #expect(try store.documents(of: ["job-7"])["job-7"]?.result == Array("{\"r\":\"job-7\"}".utf8))
    #expect(observations.count == 100)
  }

  @Test("a drained job is queued again, costs no attempt and is done by the next pool")
  func restart() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    try store.add(.sample("a", attemptsMax: 1))
    let started = DispatchSemaphore(value: 0)
    let first = pool(store, JobChanges()) { _, control in
      started.signal()
      while !control.shouldStop { sched_yield() }
      return JobReport(outcome: .interrupted)
    }
    try first.start()
    started.wait()
    #expect(first.drain(graceSeconds: 60).taken == [])
    #expect(try store.find("a")?.state == .queued && store.find("a")?.attempt == 0)

    let finished = DispatchSemaphore(value: 0)
    let second = pool(store, JobChanges()) { _, _ in
      finished.signal()
      return JobReport(outcome: .succeeded)
    }
    try second.start()
    finished.wait()
    second.drain(graceSeconds: 60)
    let job = try #require(try store.find("a"))
    #expect(job.state == .succeeded && job.attempt == 1)
  }

  @Test("running jobs of a dead process are taken up at the start, one at a time")
  func deadProcess() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    // Claimed far in the future: no lease expires, only the restart frees them.
    for id in ["a", "b", "c"] {
      try store.add(.sample(id, attemptsMax: 1))
      _ = try store.take(at: 1e9, for: 1e6)
    }
    try store.add(.sample("d"))
    let finished = DispatchGroup()
    for _ in 0..<4 { finished.enter() }
    let pool = pool(store, JobChanges(), workers: 4) { job, _ in
      let statistics = try? store.statistics(now: moment(0))
      #expect(statistics?.counts[.running] == 1, "\(job.job.id) has the process to itself")
      finished.leave()
      return JobReport(outcome: .succeeded)
    }
    try pool.start()
    finished.wait()
    pool.drain(graceSeconds: 60)
    for id in ["a", "b", "c", "d"] {
      let job = try #require(try store.find(id))
      #expect(job.state == .succeeded && job.attempt == 1)
    }
  }

  @Test("a job that was alone when the process died, in its last attempt, has failed")
  func deadProcessLastAttempt() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    try store.add(.sample("a", attemptsMax: 1))
    _ = try store.take(at: 1e9, for: 1e6)
    let pool = pool(store, JobChanges()) { _, _ in JobReport(outcome: .succeeded) }
    try pool.start()
    pool.drain(graceSeconds: 60)
    #expect(try store.find("a")?.state == .failed)
    #expect(try store.documents(of: ["a"])["a"]?.attempts.map(\.ending) == [.processDied])
  }

  @Test("cancel ends a running job")
  func cancel() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    try store.add(.sample("a"))
    let started = DispatchSemaphore(value: 0)
    let pool = pool(store, JobChanges()) { _, control in
      started.signal()
      while !control.isCanceled { sched_yield() }
      return JobReport(outcome: .canceled)
    }
    try pool.start()
    started.wait()
    #expect(try pool.cancel("a").cancelRequested)
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(try store.find("a")?.state == .canceled)
  }
}
