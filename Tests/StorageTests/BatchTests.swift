// Batches in SQLite: all or nothing, found by index, and their counts.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Batches in SQLite")
struct BatchTests {
  private func submission(
    _ id: String, count: Int, key: String? = nil, request: String = "request"
  ) -> BatchSubmission {
    BatchSubmission(
      common: .sample(id, request: request, key: key), document: Array("{}".utf8),
      members: (0..<count).map { (id: "\(id)-\($0)", input: [UInt8($0)]) })
  }

  private func enqueue(
    _ store: SQLiteJobStore, _ submission: BatchSubmission, queuedMax: Int = 100
  ) throws -> (batch: JobBatch, isNew: Bool) {
    try store.enqueue(
      submission, admission: JobAdmission(queuedMax: queuedMax), now: moment(0))
  }

  @Test("a batch is stored as a whole")
  func whole() throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen", name: "name")
    let (batch, isNew) = try enqueue(store, submission("b", count: 3))
    #expect(isNew && batch.count == 3 && batch.counts[.queued] == 3)
    #expect(batch.subject == "gen" && batch.subjectName == "name")
    for index in 0..<3 {
      let claimed = try #require(try store.take())
      #expect(claimed.job.batch == BatchPlace(batch: "b", index: index))
      #expect(claimed.input == [UInt8(index)])
    }
    #expect(try store.findBatch("b")?.counts[.running] == 3)
    #expect(try store.findBatch("c") == nil)
  }

  @Test("what does not fit into the queue leaves nothing", arguments: [(2, true), (3, false)])
  func room(count: Int, fits: Bool) throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen")
    try store.add(.sample("before"))
    if fits {
      #expect(try enqueue(store, submission("b", count: count), queuedMax: 3).isNew)
    } else {
      #expect(throws: JobStoreError.queueFull(queuedMax: 3)) {
        try enqueue(store, submission("b", count: count), queuedMax: 3)
      }
    }
    #expect(try temporary.count("jobs") == (fits ? 1 + count : 1))
    #expect(try temporary.count("batches") == (fits ? 1 : 0))
  }

  @Test("an id that is taken in the middle leaves nothing")
  func collision() throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen")
    try store.add(.sample("b-1"))
    #expect(throws: JobStoreError.self) { try enqueue(store, submission("b", count: 3)) }
    #expect(try temporary.count("jobs") == 1)
    #expect(try temporary.count("batches") == 0)
    #expect(throws: JobStoreError.subjectMissing(subject: "gone")) {
      var other = submission("c", count: 1)
      other.common.subject = "gone"
      _ = try enqueue(store, other)
    }
    #expect(throws: JobStoreError.self) { try enqueue(store, submission("d", count: 0)) }
  }

  @Test("the same key and request give the same batch")
  func idempotency() throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen")
    _ = try enqueue(store, submission("b", count: 2, key: "k"))
    // Also when the queue is full.
    let (again, isNew) = try enqueue(
      store, submission("c", count: 2, key: "k"), queuedMax: 0)
    #expect(again.id == "b" && !isNew)
    #expect(throws: JobStoreError.idempotencyMismatch(key: "k", jobID: "b")) {
      try enqueue(store, submission("d", count: 2, key: "k", request: "other"))
    }
    #expect(try temporary.count("jobs") == 2)
  }

  @Test("canceling ends what waits and asks what runs")
  func cancel() throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen")
    _ = try enqueue(store, submission("b", count: 3))
    try store.add(.sample("other"))
    let claimed = try #require(try store.take())
    #expect(try store.requestCancelBatch("b", now: moment(1)) == ["b-0", "b-1", "b-2"])
    let batch = try #require(try store.findBatch("b"))
    #expect(batch.counts[.canceled] == 2 && batch.counts[.running] == 1)
    #expect(batch.unfinishedCount == 1)
    #expect(try store.find("b-0")?.cancelRequested == true)
    #expect(try store.find("other")?.state == .queued)
    let report = JobReport(outcome: .canceled)
    #expect(try store.finish(claimed.lease, report: report, now: moment(2)))
    #expect(try store.requestCancelBatch("b", now: moment(3)).isEmpty)
  }

  @Test("outputs are read by their places")
  func outputs() throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.jobs
    try temporary.addGenerator("gen")
    _ = try enqueue(store, submission("b", count: 4))
    for index in 0..<4 {
      let lease = try #require(try store.take()).lease
      let outcome: JobOutcome = index == 1 ? .canceled : .succeeded
      let report = JobReport(outcome: outcome, outputs: ["latent": [UInt8(index), 0, 0, 0]])
      #expect(try store.finish(lease, report: report, now: moment(1)))
    }
    #expect(try store.batchIndices("b", withOutput: "latent") == [0, 2, 3])
    #expect(try store.batchIndices("b", withOutput: "none").isEmpty)
    let rows = try store.batchOutputs("b", named: "latent", at: 1...2)
    #expect(rows.map(\.index) == [2] && rows.map(\.bytes) == [[2, 0, 0, 0]])
  }

  @Test("the inversions of a batch are listed by an index")
  func plan() throws {
    let temporary = try TemporaryDatabase()
    let plan = try temporary.jobs.plan(of: JobQuery(batch: "b"))
    #expect(plan.contains { $0.contains("USING INDEX jobs_by_batch") }, "\(plan)")
    #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
  }
}
