// Laws of jobs that are worked on together.

import Foundation
import Jobs
import Testing

extension JobStore {
  func takeCompanions(
    of key: String = "k", _ countMax: Int = 100, among workerCount: Int = 1, at seconds: Double = 0,
    worker: String = "w", for leaseSeconds: Double = 10
  ) throws -> [ClaimedJob] {
    try claimCompanions(
      CompanionRequest(key: key, countMax: countMax, workerCount: workerCount), worker: worker,
      now: moment(seconds), leaseSeconds: leaseSeconds)
  }

  func addCompanion(
    _ id: String, key: String? = "k", priority: Int = 0, deadlineSeconds: Double? = nil
  ) throws {
    var submission = JobSubmission.sample(
      id, priority: priority, deadlineSeconds: deadlineSeconds)
    submission.companionKey = key
    try add(submission)
  }
}

extension JobStoreLaw {
  static let companions = [
    JobStoreLaw("companions come in the queue's order, and others not at all") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.addCompanion("a")
      try store.addCompanion("other", key: "l", priority: 9)
      try store.addCompanion("alone", key: nil, priority: 9)
      try store.addCompanion("b", priority: 5)
      try store.addCompanion("c", priority: 5)
      #expect(try store.takeCompanions(of: "none").isEmpty)
      #expect(try store.takeCompanions().map(\.job.id) == ["b", "c", "a"])
      #expect(try store.takeCompanions().isEmpty)
      #expect(try store.find("other")?.state == .queued)
      let claimed = try #require(try store.take())
      #expect(claimed.job.id == "other" && claimed.companionKey == "l")
      #expect(try store.take()?.companionKey == nil)
    },
    JobStoreLaw("companions are as claimed jobs are") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.addCompanion("a")
      let claimed = try #require(try store.takeCompanions(at: 2).first)
      #expect(claimed.job.state == .running && claimed.job.attempt == 1)
      #expect(claimed.job.queueSeconds == 2 && claimed.job.startedAt == moment(2))
      #expect(claimed.document == Array("{\"r\":\"a\"}".utf8) && claimed.input == [1, 2, 3])
      #expect(claimed.companionKey == "k" && claimed.lease.expiresAt == moment(12))
      #expect(try store.find("a") == claimed.job)
    },
    JobStoreLaw("no more companions than asked for, nor than the worker's share") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<11 { try store.addCompanion("job-\(index)") }
      #expect(try store.takeCompanions(0).isEmpty)
      #expect(try store.takeCompanions(2).map(\.job.id) == ["job-0", "job-1"])
      // 9 wait: a third of them, then a half of 6 but 2 at most, then a half of 4, ...
      #expect(try store.takeCompanions(among: 3).count == 3)
      #expect(try store.takeCompanions(2, among: 2).count == 2)
      #expect(try store.takeCompanions(among: 2).count == 2)
      #expect(try store.takeCompanions(among: 3).isEmpty)
      #expect(try store.takeCompanions(among: 2).count == 1)
      #expect(try store.takeCompanions(.max).map(\.job.id) == ["job-10"])
    },
    JobStoreLaw("companions meet the bounds of all claims") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      func add(_ id: String, client: String, memoryBytes: Int = 0) throws {
        var submission = JobSubmission.sample(id, client: client)
        submission.companionKey = "k"
        submission.memoryBytes = memoryBytes
        try store.add(submission)
      }
      func take(_ limits: ClaimLimits) throws -> [String] {
        try store.claimCompanions(
          CompanionRequest(key: "k", countMax: 100, workerCount: 1, limits: limits), worker: "w",
          now: moment(0), leaseSeconds: 10
        ).map(\.job.id)
      }
      for id in ["a1", "a2", "a3"] { try add(id, client: "a") }
      try add("b1", client: "b")
      #expect(try take(ClaimLimits(clientRunningMax: 2)) == ["a1", "a2", "b1"])
      #expect(try take(ClaimLimits(clientRunningMax: 2)).isEmpty)
      #expect(try take(ClaimLimits(clientRunningMax: 3)) == ["a3"])
      for (id, bytes) in [("c1", 60), ("c2", 50), ("c3", 10)] {
        try add(id, client: "c", memoryBytes: bytes)
      }
      // The one that does not fit is not passed.
      #expect(try take(ClaimLimits(memoryBytesMax: 100)) == ["c1"])
      #expect(try take(ClaimLimits(memoryBytesMax: 119)) == ["c2"])
      #expect(try take(ClaimLimits(memoryBytesMax: 120)) == ["c3"])
    },
    JobStoreLaw("suspects have no companions, and what has a checkpoint is none") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b"] {
        try store.addCompanion(id)
        try #require(try store.take() != nil)
      }
      try store.addCompanion("c")
      // Both ran when the process died.
      #expect(try Set(store.recover(.everyRunningJob, at: 1).requeued) == ["a", "b"])
      #expect(try store.takeCompanions(at: 1).isEmpty)
      let alone = try #require(try store.take(at: 1))
      #expect(try store.takeCompanions(at: 1).isEmpty)
      #expect(try store.checkpoint(alone.lease, bytes: [1], now: moment(1)))
      #expect(try store.release(alone.lease, now: moment(1)))
      for _ in 0..<2 {
        let next = try #require(try store.take(at: 1))
        let report = JobReport(outcome: .succeeded)
        #expect(try store.finish(next.lease, report: report, now: moment(1)))
      }
      #expect(try store.takeCompanions(at: 1).map(\.job.id) == ["c"])
      try store.addCompanion("d")
      let held = try #require(try store.take(at: 2))
      #expect(try store.checkpoint(held.lease, bytes: [1], now: moment(2)))
      #expect(try store.release(held.lease, now: moment(2)))
      #expect(try store.takeCompanions(at: 2).isEmpty)
      #expect(try store.take(at: 2)?.checkpoint == [1])
    },
    JobStoreLaw("companions whose deadline has passed are not handed out") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.addCompanion("late", deadlineSeconds: 5)
      try store.addCompanion("a", deadlineSeconds: 6)
      #expect(try store.takeCompanions(at: 5).map(\.job.id) == ["a"])
      #expect(try store.expireDeadlines(now: moment(5)) == ["late"])
    },
    JobStoreLaw("each companion has a lease of its own") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b", "c"] { try store.addCompanion(id) }
      let leases = try store.takeCompanions(at: 0, for: 10).map(\.lease)
      #expect(Set(leases.map(\.jobID)).count == 3)
      #expect(try store.renew(leases[0], progress: [1], now: moment(9), leaseSeconds: 10) == .held)
      _ = try store.requestCancel("b", now: moment(9))
      #expect(
        try store.renew(leases[1], progress: nil, now: moment(9), leaseSeconds: 10)
          == .cancelRequested)
      // Only the third was silent.
      #expect(try store.recover(.expiredLeases, at: 11).requeued == ["c"])
      let again = try #require(try store.takeCompanions(at: 12).first)
      #expect(again.job.id == "c" && again.lease.fence > leases[2].fence)
      let report = JobReport(outcome: .succeeded)
      #expect(try store.finish(leases[2], report: report, now: moment(12)) == false)
      #expect(try store.finish(leases[0], report: report, now: moment(12)))
    },
    JobStoreLaw("several endings are each as one ending is") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b", "c", "d", "e"] { try store.addCompanion(id) }
      let leases = try store.takeCompanions().map(\.lease)
      #expect(try store.release(leases[4], now: moment(1)))
      let outcomes: [JobOutcome] = [
        .succeeded, .failed([7]), .canceled, .interrupted, .succeeded,
      ]
      let endings = zip(leases, outcomes).map { lease, outcome in
        JobEnding(
          lease: lease,
          report: JobReport(
            outcome: outcome, document: outcome == .succeeded ? [1] : nil,
            outputs: outcome == .succeeded ? ["latent": [0, 0, 0, 0]] : [:]))
      }
      #expect(try store.finish(endings, now: moment(2)) == [true, true, true, true, false])
      let states: [JobState] = [.succeeded, .failed, .canceled, .queued, .queued]
      for (id, state) in zip(["a", "b", "c", "d", "e"], states) {
        #expect(try store.find(id)?.state == state, "\(id)")
      }
      #expect(try store.documents(of: ["a"])["a"]?.result == [1])
      #expect(try store.output(of: "a", named: "latent") == [0, 0, 0, 0])
      #expect(try store.find("d")?.attempt == 0)
      #expect(try store.finish(endings, now: moment(3)) == [false, false, false, false, false])
      #expect(try store.finish([], now: moment(3)).isEmpty)
    },
    JobStoreLaw("racing workers never hold the same companion") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<60 { try store.addCompanion("job-\(index)") }
      let claimed = race(threads: 6) { thread in
        var ids: [String] = []
        while let some = try? store.takeCompanions(7, worker: "w\(thread)"), !some.isEmpty {
          ids += some.map(\.job.id)
        }
        return ids
      }.flatMap { $0 }
      #expect(claimed.count == 60 && Set(claimed).count == 60)
    },
    JobStoreLaw("a companion key has 1 to 256 bytes") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.addCompanion("a", key: String(repeating: "k", count: 256))
      for key in ["", String(repeating: "k", count: 257)] {
        #expect(throws: JobStoreError.self) { try fixture.store.addCompanion("b", key: key) }
      }
    },
  ]
}
