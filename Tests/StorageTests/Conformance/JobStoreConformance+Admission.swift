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
