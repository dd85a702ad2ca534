// The job store on SQLite: the laws of all job stores, and what only SQLite can get wrong.

import Foundation
import Jobs
import Storage
import Testing

struct SQLiteFixture: JobStoreFixture {
  let temporary: TemporaryDatabase
  var store: any JobStore { temporary.jobs }

  init() throws { temporary = try TemporaryDatabase() }

  func addSubject(_ id: String) throws { try temporary.addGenerator(id) }

  func force(_ id: String, into state: JobState) -> Bool {
    let isRunning = state == .running
    let sql = """
      UPDATE jobs SET state = '\(state.rawValue)', worker = \(isRunning ? "'raw'" : "NULL"),
        lease_expires_at = \(isRunning ? "1" : "NULL"),
        completed_at = \(state.isFinished ? "1" : "NULL"),
        error = \(state == .failed ? "x'00'" : "NULL")
      WHERE id = '\(id)'
      """
    do {
      try temporary.database.executeRaw(sql)
      return true
    } catch {
      return false
    }
  }
}

@Suite("Job store on SQLite")
struct SQLiteJobStoreTests {
  @Test("law", arguments: JobStoreLaw.all)
  func law(_ law: JobStoreLaw) throws {
    try law.check(try SQLiteFixture())
  }

  @Test("the checks refuse rows that contradict themselves")
  func rowChecks() throws {
    let fixture = try SQLiteFixture()
    try fixture.addSubject("gen")
    try fixture.store.add("a", in: .running)
    for change in [
      "worker = NULL", "lease_expires_at = NULL", "completed_at = 1", "error = x'00'",
      "attempt = 9", "attempt = -1", "fence = 0", "state = 'done'",
      "progress = zeroblob(65537)",
    ] {
      #expect(throws: StorageError.self, "\(change)") {
        try fixture.temporary.database.executeRaw("UPDATE jobs SET \(change) WHERE id = 'a'")
      }
    }
    try fixture.temporary.database.executeRaw(
      "UPDATE jobs SET progress = zeroblob(65536) WHERE id = 'a'")
    #expect(throws: StorageError.self) {
      try fixture.temporary.database.executeRaw("DELETE FROM jobs")
    }
  }

  @Test("waiting jobs expire some hundreds at a time, the earliest deadlines first")
  func expiresInSteps() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let count = 600
    for index in 0..<count {
      let seconds = Double(1 + (index * 7) % count)
      try temporary.jobs.add(.sample("job-\(index)", deadlineSeconds: seconds))
    }
    var expired: [String] = []
    while case let ids = try temporary.jobs.expireDeadlines(now: moment(599)), !ids.isEmpty {
      #expect(ids.count <= 256)
      expired += ids
    }
    #expect(Set(expired).count == 599 && expired.count == 599)
    #expect(expired.prefix(2) == ["job-0", "job-343"])
    #expect(try temporary.jobs.statistics(now: moment(600)).counts[.queued] == 1)
  }

  @Test("a job that has lost its request or its input fails and stops no other")
  func unreadable() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    for id in ["a", "b", "c", "d"] { try store.add(.sample(id)) }
    try temporary.database.executeRaw("DELETE FROM job_requests WHERE seq = 1")
    try temporary.database.executeRaw("DELETE FROM job_inputs WHERE seq = 3")
    let claimed = try #require(try store.take(at: 1))
    #expect(claimed.job.id == "b")
    let lost = try #require(try store.find("a"))
    #expect(lost.state == .failed && lost.completedAt == moment(1))
    #expect(String(decoding: lost.error ?? [], as: UTF8.self).contains(#""code":"request_lost""#))
    let ending = JobEnding(lease: claimed.lease, report: JobReport(outcome: .succeeded))
    let next = try store.finish(
      ending, claimingNextWithin: .none, now: moment(2), leaseSeconds: 10
    ).next
    #expect(next?.job.id == "d")
    #expect(try store.find("c")?.state == .failed)
    #expect(try store.find("b")?.state == .succeeded)
  }

  @Test("of jobs that cannot be read a claim passes a bounded number")
  func manyUnreadable() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for index in 0..<20 { try temporary.jobs.add(.sample("job-\(index)")) }
    try temporary.database.executeRaw("DELETE FROM job_requests WHERE seq < 20")
    #expect(try temporary.jobs.take() == nil)
    #expect(try temporary.jobs.statistics(now: moment(0)).counts[.failed] == 16)
    #expect(try temporary.jobs.take()?.job.id == "job-19")
  }

  @Test("a job whose input lies on a damaged page fails and stops no other")
  func damagedPage() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    var large = JobSubmission.sample("a")
    large.input = [UInt8](repeating: 0xA7, count: 64 << 10)
    try temporary.jobs.add(large)
    try temporary.jobs.add(.sample("b"))
    try temporary.database.executeRaw("PRAGMA wal_checkpoint(TRUNCATE)")
    try temporary.database.close()
    // Of a page in the midst of the input, where the next one is said to be.
    let file = URL(fileURLWithPath: temporary.path)
    var bytes = try Data(contentsOf: file)
    let marked = Data(repeating: 0xA7, count: 4092)
    let pages = stride(from: 0, to: bytes.count, by: 4096).filter {
      bytes[($0 + 4)..<($0 + 4096)] == marked
    }
    let damaged = try #require(pages.dropFirst(3).first)
    bytes.replaceSubrange(damaged..<(damaged + 4), with: Data(repeating: 0x7F, count: 4))
    try bytes.write(to: file)
    let again = try Database(path: temporary.path)
    let store = SQLiteJobStore(database: again)
    let limits = ClaimLimits(clientRunningMax: 1)
    let claimed = try #require(try store.take(limits, at: 1))
    #expect(claimed.job.id == "b")
    let lost = try #require(try store.find("a"))
    #expect(lost.state == .failed && lost.completedAt == moment(1))
    #expect(try store.end(claimed, at: 2))
    #expect(try store.take(limits, at: 3) == nil)
    #expect(try store.statistics(now: moment(3)).counts[.running] == 0)
    try again.close()
  }

  @Test("a job, its documents and its history are looked up in indexes, and nothing is sorted")
  func recordPlan() throws {
    let temporary = try TemporaryDatabase()
    let plan = try temporary.jobs.recordPlan()
    #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.hasPrefix("SCAN") }, "\(plan)")
  }

  @Test("a client's lists walk an index in order: nothing is sorted and no table scanned")
  func plans() throws {
    let temporary = try TemporaryDatabase()
    let queries = [
      JobQuery(client: "c"), JobQuery(client: "c", subject: "s"),
      JobQuery(client: "c", states: [.queued]),
      JobQuery(client: "c", states: [.succeeded, .failed]), JobQuery(client: "c", method: "m"),
      JobQuery(client: "c", verdict: "v"), JobQuery(client: "c", labels: ["a": "b"]),
      JobQuery(client: "c", labels: ["a": "b", "c": "d"], residualMax: 1),
      JobQuery(client: "c", createdAfter: moment(0), createdBefore: moment(9)),
      JobQuery(client: "c", subject: "s", states: [.succeeded], verdict: "v"),
    ]
    for query in queries {
      let plan = try temporary.jobs.plan(of: query)
      #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(query): \(plan)")
      #expect(
        !plan.contains { $0.hasPrefix("SCAN") && !$0.contains("USING INDEX") }, "\(query): \(plan)")
    }
  }

  @Test("the next job is looked up in indexes: nothing is sorted and no table scanned")
  func claimPlan() throws {
    let temporary = try TemporaryDatabase()
    let plan = try temporary.jobs.claimPlan()
    #expect(plan.count == 4)
    #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    #expect(plan.allSatisfy { $0.contains("INDEX") }, "\(plan)")
  }

  @Test("the next job is found as quickly among 100,000 as among a few")
  func claimAmongMany() throws {
    let few = try Self.claimTime(jobsOfEach: 20)
    let many = try Self.claimTime(jobsOfEach: 5000)
    print("a claim of 20 clients' jobs: \(few) among 400, \(many) among 100,000")
    // A scan of the queue takes some 20 ms.
    #expect(many < few * 5 + .milliseconds(1))
  }

  /// The median time of a claim where 20 clients have this many jobs and all but one are at their
  /// bound, so that the claim walks past them.
  private static func claimTime(jobsOfEach count: Int) throws -> Duration {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let clients = 20
    for client in 0..<clients {
      var common = JobSubmission.sample("batch-\(client)", client: "client-\(client)")
      common.priority = client == 0 ? -1 : 0
      _ = try temporary.jobs.enqueue(
        BatchSubmission(
          common: common, document: [],
          members: (0..<count).map { (id: "\(client)-\($0)", input: [1]) }),
        admission: JobAdmission(queuedMax: 1_000_000), now: moment(0))
    }
    let limits = ClaimLimits(clientRunningMax: 1, memoryBytesMax: 1 << 30)
    for _ in 1..<clients { #expect(try temporary.jobs.take(limits) != nil) }
    let clock = ContinuousClock()
    var times: [Duration] = []
    for _ in 0..<20 {
      var claimed: ClaimedJob?
      times.append(try clock.measure { claimed = try temporary.jobs.take(limits, at: 1) })
      try temporary.jobs.end(try #require(claimed), at: 1)
    }
    return times.sorted()[times.count / 2]
  }

  @Test("a finished job keeps its generator's id and name after the generator is gone")
  func generatorGone() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen", name: "fashion")
    try temporary.jobs.add("a", in: .succeeded)
    try temporary.generators.delete("gen")
    let job = try #require(try temporary.jobs.find("a"))
    #expect(job.subject == "gen" && job.subjectName == "fashion")
  }

  @Test("a full database is reported as full and recovers when there is room")
  func full() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let pages = try #require(try temporary.database.executeRaw("PRAGMA page_count"))
    try temporary.database.executeRaw("PRAGMA max_page_count = \(pages)")
    var large = JobSubmission.sample("a")
    large.input = [UInt8](repeating: 1, count: 1 << 20)
    let error = #expect(throws: JobStoreError.self) { try temporary.jobs.add(large) }
    guard case .unavailable(let failure) = error else {
      Issue.record("expected unavailable, got \(String(describing: error))")
      return
    }
    #expect(failure.kind == .full)
    #expect(try temporary.jobs.find("a") == nil)
    try temporary.database.executeRaw("PRAGMA max_page_count = 1000000")
    #expect(try temporary.jobs.add(large).isNew)
  }
}
