// A look at a job without waiting: what it finds, and what it leaves to others.

import Foundation
import Jobs
import Storage
import Synchronization
import Testing

@Suite("Glances at jobs")
struct JobGlanceTests {
  private func finished(_ id: String, _ store: SQLiteJobStore) throws {
    try store.add(.sample(id, labels: ["a": "b", "c": ""], deadlineSeconds: 99, client: "acme"))
    let claimed = try #require(try store.take())
    _ = try store.renew(
      claimed.lease, progress: Array("{}".utf8), now: moment(1), leaseSeconds: 10)
    let isFinished = try store.finish(
      claimed.lease,
      report: JobReport(
        outcome: .succeeded, document: Array(#"{"x": 1}"#.utf8), outputs: ["latent": [1, 2, 3, 4]],
        facets: JobFacets(method: "m", verdict: "v", residual: 0.5)), now: moment(2))
    #expect(isFinished)
  }

  @Test("a glance is what a read is, in every state")
  func agrees() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen", name: "named")
    // Those that wait come last: the others are claimed on their way.
    for state in JobState.allCases.reversed() {
      try temporary.jobs.add("j-\(state.rawValue)", in: state)
    }
    try finished("full", temporary.jobs)
    for (id, client) in JobState.allCases.map({ ("j-\($0.rawValue)", "") }) + [("full", "acme")] {
      let read = try #require(try temporary.jobs.record(of: id, of: client), "\(id)")
      #expect(
        temporary.jobs.glance(at: id, of: client, documentBytesMax: 1000) == read, "\(id)")
      #expect(temporary.jobs.glance(at: id, of: "other", documentBytesMax: 1000) == nil)
    }
  }

  @Test("a job is read with the attempts that it had at its revision, by glances and by reads")
  func oneMoment() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    let (jobCount, rounds) = (8, JobAttempt.keptMax / 2)
    let isWritten = Atomic(false)
    let torn = race(threads: 3) { thread -> [String] in
      guard thread > 0 else {
        // Those who read wait for no more, however this ends.
        defer { isWritten.store(true, ordering: .sequentiallyConsistent) }
        for job in 0..<jobCount {
          guard (try? store.add(.sample("a\(job)"))) != nil else { return ["not added"] }
          for _ in 0..<rounds {
            guard let claimed = try? store.take(at: 1),
              (try? store.end(claimed, .interrupted, at: 2)) == true
            else { return ["not taken"] }
          }
          _ = try? store.requestCancel("a\(job)", now: moment(3))
        }
        return []
      }
      var torn: [String] = []
      for job in 0..<jobCount {
        var isOver = false
        while !isOver {
          let id = "a\(job)"
          let record =
            thread == 1
            ? (try? store.record(of: id)) ?? nil
            : store.glance(at: id, of: "", documentBytesMax: 1000)
          guard let record else {
            let isMissing = isWritten.load(ordering: .sequentiallyConsistent)
            if isMissing { return torn + ["\(id) is missing"] }
            continue
          }
          isOver =
            record.job.state.isFinished || isWritten.load(ordering: .sequentiallyConsistent)
          // Each taking moves the revision by one, and so does each going back.
          let attempts = record.documents.attempts
          let isWhole =
            attempts.count == min(record.job.revision / 2, rounds)
            && attempts.dropLast().allSatisfy { $0.endedAt != nil }
            && (attempts.last?.endedAt == nil) == (record.job.state == .running || attempts.isEmpty)
          if !isWhole { torn.append("\(id) at \(record.job.revision): \(attempts.count)") }
        }
      }
      return torn
    }
    #expect(torn.flatMap { $0 } == [])
  }

  @Test("a name that its client chose finds the job of that client")
  func names() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for client in ["acme", "other"] {
      var submission = JobSubmission.sample(
        SQLiteJobStore.id(of: "mine", client: client), client: client)
      submission.name = "mine"
      try temporary.jobs.add(submission)
      let found = temporary.jobs.glance(at: "mine", of: client, documentBytesMax: 1000)
      #expect(found?.job.id == submission.id && found?.job.publicID == "mine")
      #expect(temporary.jobs.glance(at: submission.id, of: client, documentBytesMax: 1000) == nil)
    }
  }

  @Test("documents that are longer than asked are left to others, on both sides of the bound")
  func bounds() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    try finished("full", temporary.jobs)
    let documents = try #require(try temporary.jobs.record(of: "full")).documents
    let bytes = documents.request.count + (documents.result?.count ?? 0)
    #expect(temporary.jobs.glance(at: "full", of: "acme", documentBytesMax: bytes) != nil)
    #expect(temporary.jobs.glance(at: "full", of: "acme", documentBytesMax: bytes - 1) == nil)
    #expect(temporary.jobs.glance(at: "none", of: "acme", documentBytesMax: bytes) == nil)
  }

  @Test("each glance sees the last commit; none is answered once the database is closed")
  func freshness() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    try temporary.jobs.add(.sample("a"))
    func glance() -> JobRecord? {
      temporary.jobs.glance(at: "a", of: "", documentBytesMax: 1000)
    }
    #expect(glance()?.job.state == .queued)
    let claimed = try #require(try temporary.jobs.take())
    #expect(glance()?.job.state == .running)
    _ = try temporary.jobs.finish(
      claimed.lease, report: JobReport(outcome: .canceled), now: moment(1))
    #expect(glance()?.job.state == .canceled)
    try temporary.jobs.delete("a")
    #expect(glance() == nil)
    try temporary.jobs.add(.sample("b"))
    try temporary.database.close()
    #expect(temporary.jobs.glance(at: "b", of: "", documentBytesMax: 1000) == nil)
  }
}
