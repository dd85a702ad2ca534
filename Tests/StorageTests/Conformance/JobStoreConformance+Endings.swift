// Laws of ending: cancellation, deadlines, recovery, deletion.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let endings = [
    JobStoreLaw("a waiting job is canceled at once, a running one is asked") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      try store.add(.sample("b"))
      let lease = try #require(try store.take()).lease
      let running = try store.requestCancel("a", now: moment(1))
      #expect(running.state == .running && running.cancelRequested)
      #expect(try store.requestCancel("a", now: moment(1)).revision == running.revision)
      #expect(
        try store.renew(lease, progress: nil, now: moment(1), leaseSeconds: 10)
          == .cancelRequested)
      let waiting = try store.requestCancel("b", now: moment(1))
      #expect(waiting.state == .canceled && waiting.completedAt == moment(1))
      #expect(try store.finish(lease, report: JobReport(outcome: .canceled), now: moment(2)))
      let finished = try #require(try store.find("a"))
      #expect(try store.requestCancel("a", now: moment(3)) == finished)
      #expect(throws: JobStoreError.jobMissing(id: "c")) {
        try store.requestCancel("c", now: moment(3))
      }
    },
    JobStoreLaw("an interrupted job that should stop is canceled") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a"))
      let lease = try #require(try fixture.store.take()).lease
      _ = try fixture.store.requestCancel("a", now: moment(1))
      #expect(try fixture.store.release(lease, now: moment(2)))
      #expect(try fixture.store.find("a")?.state == .canceled)
    },
    JobStoreLaw("a waiting job expires at its deadline and is not handed out after it") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a", deadlineSeconds: 10))
      try store.add(.sample("b"))
      #expect(try store.expireDeadlines(now: moment(9.999)) == [])
      #expect(try store.take(at: 10)?.job.id == "b")
      #expect(try store.take(at: 10) == nil)
      #expect(try store.expireDeadlines(now: moment(10)) == ["a"])
      #expect(try store.find("a")?.state == .expired)
    },
    JobStoreLaw("a running job is its worker's to expire") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a", deadlineSeconds: 10))
      _ = try fixture.store.take(at: 9, for: 100)
      #expect(try fixture.store.expireDeadlines(now: moment(50)) == [])
      #expect(try fixture.store.find("a")?.state == .running)
    },
    JobStoreLaw("expired leases are recovered, others are left alone") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b", "c"] { try store.add(.sample(id, attemptsMax: id == "b" ? 1 : 2)) }
      for _ in 0..<3 { _ = try store.take(at: 0, for: 10) }
      _ = try store.requestCancel("c", now: moment(1))
      try store.add(.sample("d"))
      _ = try store.take(at: 5, for: 10)
      #expect(try store.recover(.expiredLeases, at: 9.999).isEmpty)
      #expect(
        try store.recover(.expiredLeases, at: 10)
          == JobRecovery(requeued: ["a"], failed: ["b"], canceled: ["c"]))
      #expect(try store.find("a")?.attempt == 1)
      #expect(try store.find("b")?.error == Array("lost".utf8))
      #expect(try store.find("d")?.state == .running)
      #expect(try store.recover(.everyRunningJob, at: 10).requeued == ["d"])
    },
    JobStoreLaw("only finished jobs are deleted, with all that is theirs") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a", labels: ["k": "v"], key: "key"))
      #expect(throws: JobStoreError.jobUnfinished(id: "a", state: .queued)) {
        try store.delete("a")
      }
      let lease = try #require(try store.take()).lease
      #expect(throws: JobStoreError.jobUnfinished(id: "a", state: .running)) {
        try store.delete("a")
      }
      let report = JobReport(outcome: .succeeded, document: [1], outputs: ["latent": [1]])
      #expect(try store.finish(lease, report: report, now: moment(1)))
      try store.delete("a")
      #expect(try store.find("a") == nil && store.input(of: "a") == nil)
      #expect(try store.output(of: "a", named: "latent") == nil)
      #expect(try store.list(JobQuery(labels: ["k": "v"]), page: PageRequest()).jobs.isEmpty)
      #expect(throws: JobStoreError.jobMissing(id: "a")) { try store.delete("a") }
      #expect(try store.statistics(now: moment(1)).counts[.succeeded] == 0)
      #expect(try store.add(.sample("b", request: "other", key: "key")).isNew)
    },
    JobStoreLaw("counts and ages follow the jobs") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      #expect(try store.statistics(now: moment(0)).oldestQueuedSeconds == nil)
      for index in 0..<4 { try store.add(.sample("\(index)"), at: Double(index)) }
      let lease = try #require(try store.take(at: 5)).lease
      _ = try store.finish(lease, report: JobReport(outcome: .succeeded), now: moment(5))
      _ = try store.take(at: 5)
      let statistics = try store.statistics(now: moment(10))
      #expect(statistics.oldestQueuedSeconds == 8 && statistics.waitingClientCount == 1)
      try store.add(.sample("others", client: "other"))
      #expect(try store.statistics(now: moment(10)).waitingClientCount == 2)
      #expect(
        statistics.counts == [
          .queued: 2, .running: 1, .succeeded: 1, .failed: 0, .canceled: 0, .expired: 0,
        ])
    },
  ]
}
