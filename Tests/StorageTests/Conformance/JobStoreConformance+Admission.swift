// Laws of getting in: bounds, identity, sameness.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let admission = [
    JobStoreLaw("the queue bound is exact on both sides") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a"), queuedMax: 2)
      try fixture.store.add(.sample("b"), queuedMax: 2)
      #expect(throws: JobStoreError.queueFull(queuedMax: 2)) {
        try fixture.store.add(.sample("c"), queuedMax: 2)
      }
      // What was accepted before is found, not refused.
      #expect(try fixture.store.add(.sample("a"), queuedMax: 2).isNew == false)
      _ = try fixture.store.take()
      #expect(try fixture.store.add(.sample("c"), queuedMax: 2).isNew)
      #expect(throws: JobStoreError.queueFull(queuedMax: 0)) {
        try fixture.store.add(.sample("d"), queuedMax: 0)
      }
    },
    JobStoreLaw("the queue bound holds against racing submitters") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      let accepted = race(threads: 8) { thread in
        (0..<10).count { index in
          (try? store.add(.sample("\(thread)-\(index)"), queuedMax: 37)) != nil
        }
      }
      #expect(accepted.reduce(0, +) == 37)
      #expect(try store.statistics(now: moment(0)).counts[.queued] == 37)
    },
    JobStoreLaw("a client's bound on unfinished jobs is exact and its own, racing or not") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      @Sendable func add(_ id: String, _ client: String) throws -> EnqueuedJob {
        try store.enqueue(
          .sample(id, client: client), admission: JobAdmission(clientUnfinishedMax: 7),
          now: moment(0))
      }
      let accepted = race(threads: 8) { thread in
        (0..<4).count { (try? add("\(thread)-\($0)", "one")) != nil }
      }
      #expect(accepted.reduce(0, +) == 7)
      #expect(throws: JobStoreError.clientBusy(unfinishedMax: 7)) { try add("more", "one") }
      #expect(try add("other", "two").isNew)
      // A job that runs counts still, one that ended does not.
      let lease = try #require(try store.take()).lease
      #expect(throws: JobStoreError.clientBusy(unfinishedMax: 7)) { try add("more", "one") }
      #expect(try store.finish(lease, report: JobReport(outcome: .succeeded), now: moment(1)))
      #expect(try add("more", "one").isNew)
      #expect(throws: JobStoreError.clientBusy(unfinishedMax: 7)) { try add("last", "one") }
    },
    JobStoreLaw("a client's bound on stored bytes is exact and its own") { fixture in
      try fixture.addSubject("gen")
      let size = JobSubmission.sample("a").document.count + JobSubmission.sample("a").input.count
      func add(_ id: String, _ client: String) throws -> EnqueuedJob {
        try fixture.store.enqueue(
          .sample(id, client: client), admission: JobAdmission(clientBytesMax: 2 * size),
          now: moment(0))
      }
      for id in ["a", "b"] { #expect(try add(id, "one").isNew) }
      #expect(
        throws: JobStoreError.clientFull(
          storedBytes: 2 * size, addedBytes: size, bytesMax: 2 * size)
      ) { try add("c", "one") }
      #expect(try add("d", "two").isNew)
      #expect(try !add("a", "one").isNew)
      _ = try fixture.store.requestCancel("a", now: moment(1))
      try fixture.store.delete("a")
      #expect(try add("c", "one").isNew)
    },
    JobStoreLaw("the same id is the same job only for the same request") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a"))
      #expect(try fixture.store.add(.sample("a")).isNew == false)
      #expect(throws: JobStoreError.identifierConflict(id: "a")) {
        try fixture.store.add(.sample("a", request: "another"))
      }
      #expect(throws: JobStoreError.identifierConflict(id: "a")) {
        try fixture.store.add(.sample("a", client: "somebody else"))
      }
    },
    JobStoreLaw("an idempotency key is one job, and one request, for each client") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a", key: "k"))
      let again = try fixture.store.add(.sample("b", key: "k"))
      #expect(again.job.id == "a" && !again.isNew)
      #expect(throws: JobStoreError.idempotencyMismatch(key: "k", jobID: "a")) {
        try fixture.store.add(.sample("c", request: "another", key: "k"))
      }
      #expect(try fixture.store.add(.sample("d", key: "k", client: "other")).isNew)
      #expect(try fixture.store.add(.sample("e", key: "l")).isNew)
    },
    JobStoreLaw("racing submitters with one key make one job") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      let made = race(threads: 8) { thread in
        try? store.add(.sample("job-\(thread)", key: "once"))
      }
      #expect(made.count { $0?.isNew == true } == 1)
      #expect(Set(made.map { $0?.job.id }).count == 1)
      #expect(try store.statistics(now: moment(0)).counts[.queued] == 1)
    },
    JobStoreLaw("a job is about something that exists") { fixture in
      #expect(throws: JobStoreError.subjectMissing(subject: "gen")) {
        try fixture.store.add(.sample("a"))
      }
      let stored = try fixture.store.find("a")
      #expect(stored == nil)
    },
    JobStoreLaw("what is out of bounds is refused by name") { fixture in
      try fixture.addSubject("gen")
      let error = #expect(throws: JobStoreError.self) {
        try fixture.store.add(.sample("a", priority: 1001))
      }
      guard case .invalidSubmission(field: "priority", _) = error else {
        Issue.record("expected invalidSubmission, got \(String(describing: error))")
        return
      }
      #expect(try fixture.store.add(.sample("a", priority: 1000)).isNew)
    },
  ]
}
