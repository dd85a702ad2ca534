// Jobs that a worker does together: who comes, who goes, and what becomes of each.

import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

/// Does groups by a closure and counts the jobs that came alone.
private final class GroupingRunner: GroupRunner {
  let alone = RunCounter()
  private let body: @Sendable (JobGroup) -> Void

  init(_ body: @escaping @Sendable (JobGroup) -> Void) { self.body = body }

  func run(_ job: ClaimedJob, control: JobControl) -> JobReport {
    alone.add(job.job.id)
    return JobReport(outcome: .succeeded)
  }

  func run(_ group: JobGroup) { body(group) }
}

extension JobGroup {
  func end(_ id: String, _ outcome: JobOutcome = .succeeded) {
    end([(id, JobReport(outcome: outcome))])
  }

  func end(_ members: [GroupMember]) {
    end(members.map { ($0.id, JobReport(outcome: .succeeded)) })
  }
}

@Suite("Job groups", .timeLimit(.minutes(1)))
struct JobGroupTests {
  let time = ManualClock()
  let log = EventLog()
  let started = DispatchSemaphore(value: 0)
  let proceed = DispatchSemaphore(value: 0)

  private func pool(
    _ store: ScriptedStore, _ runner: GroupingRunner, workers: Int = 1, companionsMax: Int = 64
  ) -> WorkerPool {
    WorkerPool(
      store: store, runner: runner, changes: JobChanges(),
      configuration: WorkerPoolConfiguration(
        workerCount: workers, leaseSeconds: 30, heartbeatSeconds: 5, progressSeconds: 3600,
        pollSeconds: 0.002, unresponsiveSeconds: 10, companionsMax: companionsMax),
      clock: time.clock, onEvent: log.add)
  }

  private func jobs(_ range: Range<Int>, key: String? = "k", deadline: Double? = nil) -> [Job] {
    range.map { index in
      var job = Job(
        id: "job-\(index)", subject: "s", facets: JobFacets(method: "m"),
        createdAt: time.clock.now(),
        deadline: deadline.map { time.clock.now().addingTimeInterval($0) }, attemptsMax: 3)
      job.traceContext = key
      return job
    }
  }

  private func outcome(_ id: String, _ store: ScriptedStore) -> JobOutcome? {
    store.state.withLock { $0.finished[id]?.outcome }
  }

  private func sizes() -> [Int] {
    log.all.compactMap { if case .grouped(let count) = $0 { count } else { nil } }
  }

  @Test("a group takes in as many as it may and no more", arguments: [2, 7, 20])
  func countMax(_ companionsMax: Int) throws {
    let store = ScriptedStore(jobs: jobs(0..<20))
    let done = DispatchGroup()
    for _ in 0..<20 { done.enter() }
    let runner = GroupingRunner { group in
      while case let members = group.arrivals(), !members.isEmpty {
        group.end(members)
        for _ in members { done.leave() }
      }
    }
    let pool = pool(store, runner, companionsMax: companionsMax)
    try pool.start()
    done.wait()
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.count } == 20)
    #expect(sizes().reduce(0, +) == 20 && sizes().allSatisfy { $0 <= companionsMax })
    #expect(sizes().first == companionsMax)
    #expect(store.state.withLock { $0.commits } == sizes().count, "a commit a group")
    #expect(runner.alone.ids.isEmpty)
  }

  @Test("without room for companions each job is done alone", arguments: [0, 1])
  func off(_ companionsMax: Int) throws {
    let store = ScriptedStore(jobs: jobs(0..<5))
    let runner = GroupingRunner { _ in Issue.record("no group was wanted") }
    let pool = pool(store, runner, companionsMax: companionsMax)
    try pool.start()
    log.wait(times: 5) { if case .settled = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(runner.alone.ids.count == 5)
    #expect(store.state.withLock { $0.companionRequests.isEmpty })
  }

  @Test("a job without a key is done alone")
  func withoutKey() throws {
    let store = ScriptedStore(jobs: jobs(0..<2, key: nil))
    let runner = GroupingRunner { _ in Issue.record("no group was wanted") }
    let pool = pool(store, runner)
    try pool.start()
    log.wait(times: 2) { if case .settled = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(runner.alone.ids.count == 2)
  }

  @Test("jobs that are added later join, up to the limit of the group's life")
  func joining() throws {
    let store = ScriptedStore(jobs: jobs(0..<1))
    let runner = GroupingRunner { [started, proceed] group in
      let first = group.arrivals()
      // The one that the first group had no room for.
      guard first.map(\.id) == ["job-0"] else { return group.end(first) }
      started.signal()
      proceed.wait()
      let second = group.arrivals()
      #expect(second.map(\.id) == ["job-1", "job-2"])
      #expect(group.arrivals().isEmpty, "the store is not asked again")
      group.end(first + second)
    }
    let pool = pool(store, runner, companionsMax: 3)
    try pool.start()
    started.wait()
    let more = jobs(1..<4)
    store.state.withLock { $0.waiting = more }
    let asked = store.state.withLock { $0.companionRequests.count }
    pool.wake(3)
    proceed.signal()
    log.wait { if case .grouped = $0 { true } else { false } }
    #expect(sizes().first == 3)
    let requests = store.state.withLock { $0.companionRequests[asked...] }
    #expect(requests.first == CompanionRequest(key: "k", countMax: 2, workerCount: 1))
    pool.drain(graceSeconds: 60)
  }

  @Test("idle workers are left their share")
  func shares() throws {
    let store = ScriptedStore()
    let runner = GroupingRunner { [started, proceed] group in
      let members = group.arrivals()
      started.signal()
      proceed.wait()
      group.end(members)
    }
    let pool = pool(store, runner, workers: 3)
    try pool.start()
    let all = jobs(0..<1)
    store.state.withLock { $0.waiting = all }
    pool.wake()
    started.wait()
    let requests = store.state.withLock { $0.companionRequests }
    #expect(requests.first == CompanionRequest(key: "k", countMax: 63, workerCount: 3))
    proceed.signal()
    pool.drain(graceSeconds: 60)
  }

  @Test("cancellation, a deadline and a lost lease are each one job's affair")
  func each() throws {
    let store = ScriptedStore(
      jobs: jobs(0..<3) + jobs(3..<4, deadline: 3))
    let runner = GroupingRunner { [started, proceed] group in
      let members = group.arrivals()
      #expect(members.count == 4)
      started.signal()
      proceed.wait()
      #expect(members.map(\.control.isCanceled) == [false, true, false, false])
      #expect(members.map(\.control.isLeaseLost) == [false, false, true, false])
      #expect(members.map(\.control.isDeadlinePassed) == [false, false, false, true])
      group.end([
        ("job-0", JobReport(outcome: .succeeded)), ("job-1", JobReport(outcome: .canceled)),
        ("job-2", JobReport(outcome: .succeeded)), ("job-3", JobReport(outcome: .expired)),
      ])
    }
    let pool = pool(store, runner)
    try pool.start()
    started.wait()
    #expect(pool.status.busyCount == 1)
    _ = try pool.cancel("job-1")
    store.state.withLock { $0.running["job-2"] = nil }
    time.advance(by: 6)
    pool.maintain()
    proceed.signal()
    log.wait { if case .grouped = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(outcome("job-0", store) == .succeeded && outcome("job-1", store) == .canceled)
    #expect(outcome("job-2", store) == nil && outcome("job-3", store) == .expired)
    #expect(log.contains { if case .leaseLost("job-2") = $0 { true } else { false } })
  }

  @Test("each job's lease is renewed, with its own progress")
  func heartbeats() throws {
    let store = ScriptedStore(jobs: jobs(0..<3))
    let runner = GroupingRunner { [started, proceed] group in
      let members = group.arrivals()
      for (place, member) in members.enumerated() {
        member.control.report(progress: [UInt8(place)])
      }
      started.signal()
      proceed.wait()
      group.end(members)
    }
    let pool = pool(store, runner)
    try pool.start()
    started.wait()
    pool.maintain()
    let progress = store.state.withLock { $0.renewals.compactMap(\.progress) }
    #expect(Set(progress) == [[0], [1], [2]])
    let before = store.state.withLock { ($0.renewals.count, $0.renewingWrites) }
    time.advance(by: 6)
    pool.maintain()
    let after = store.state.withLock { ($0.renewals.count, $0.renewingWrites) }
    #expect(after.0 == before.0 + 3 && after.1 == before.1 + 1, "all in one write")
    proceed.signal()
    pool.drain(graceSeconds: 60)
  }

  @Test("results that cannot be stored together are stored one by one")
  func storing() throws {
    let store = ScriptedStore(jobs: jobs(0..<3))
    store.fail(.finish, times: 2)
    let runner = GroupingRunner { group in group.end(group.arrivals()) }
    let pool = pool(store, runner)
    try pool.start()
    log.wait(times: 3) { if case .settled = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(store.state.withLock { $0.finished.count } == 3)
  }

  @Test("one job whose end cannot be stored keeps none of its neighbours, and is given up")
  func damaged() throws {
    let store = ScriptedStore(jobs: jobs(0..<3))
    store.state.withLock { $0.damaged = ["job-0"] }
    let runner = GroupingRunner { group in group.end(group.arrivals()) }
    let pool = pool(store, runner)
    try pool.start()
    log.wait { if case .grouped = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(Set(store.state.withLock { $0.finished.keys }) == ["job-1", "job-2"])
    let settled = log.all.lastIndex { if case .settled = $0 { true } else { false } }
    let failures = log.all.indices.filter {
      if case .storeFailed(during: .finish, _) = log.all[$0] { true } else { false }
    }
    #expect(failures.count == 4, "together, and three times alone")
    #expect(try #require(settled) < failures[2], "each is tried before any is tried again")
    #expect(log.contains { if case .leaseLost("job-0") = $0 { true } else { false } })
  }

  @Test("what the runner leaves goes back to the queue")
  func leftOver() throws {
    let store = ScriptedStore(jobs: jobs(0..<3))
    let runner = GroupingRunner { group in
      _ = group.arrivals()
      group.end("job-1")
    }
    let pool = pool(store, runner)
    try pool.start()
    log.wait { if case .grouped = $0 { true } else { false } }
    pool.drain(graceSeconds: 60)
    #expect(outcome("job-1", store) == .succeeded)
    #expect(Set(store.state.withLock { $0.released }) == ["job-0", "job-2"])
  }

  @Test("draining interrupts every job of a group, and none comes any more")
  func draining() throws {
    let store = ScriptedStore(jobs: jobs(0..<3))
    let runner = GroupingRunner { [started] group in
      let members = group.arrivals()
      started.signal()
      for member in members {
        while !member.control.isInterrupted { Thread.yieldToOthers() }
      }
      #expect(group.arrivals().isEmpty)
      group.end(members.map { ($0.id, JobReport(outcome: .interrupted)) })
    }
    let pool = pool(store, runner, companionsMax: 3)
    try pool.start()
    started.wait()
    #expect(pool.drain(graceSeconds: 60).taken == [])
    #expect(Set(store.state.withLock { $0.released }) == ["job-0", "job-1", "job-2"])
    #expect(pool.status.busyCount == 0)
  }

  @Test("draining takes all jobs of a group that does not stop in time")
  func drainTakes() throws {
    let store = ScriptedStore(jobs: jobs(0..<3))
    let runner = GroupingRunner { [started, proceed] group in
      let members = group.arrivals()
      started.signal()
      proceed.wait()
      group.end(members)
    }
    let pool = pool(store, runner)
    try pool.start()
    started.wait()
    #expect(pool.drain(graceSeconds: 0).taken == ["job-0", "job-1", "job-2"])
    proceed.signal()
    log.wait { if case .grouped = $0 { true } else { false } }
    #expect(store.state.withLock { $0.finished.isEmpty })
  }
}
