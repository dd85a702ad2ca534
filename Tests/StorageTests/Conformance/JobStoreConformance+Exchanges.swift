// Laws of ending a job and taking the next in one write.

import Foundation
import Jobs
import Testing

extension JobStore {
  /// Ends what was claimed and takes the next, `seconds` after the laws' beginning.
  fileprivate func exchange(
    _ claimed: ClaimedJob, _ outcome: JobOutcome = .succeeded, _ limits: ClaimLimits = .none,
    at seconds: Double
  ) throws -> (isEnded: Bool, next: ClaimedJob?) {
    try finish(
      JobEnding(lease: claimed.lease, report: JobReport(outcome: outcome, document: [1])),
      claimingNextWithin: limits, now: moment(seconds), leaseSeconds: 10)
  }
}

extension JobStoreLaw {
  static let exchanges = [
    JobStoreLaw("whoever ends a job is given with it what a claim would give") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<4 { try store.add(.sample("a\(index)", client: "a"), at: 0) }
      for index in 0..<2 {
        try store.add(
          .sample("b\(index)", labels: ["k": "v"], deadlineSeconds: 900, client: "b"), at: 50)
      }
      try store.add(.sample("late", deadlineSeconds: 1, client: "c"), at: 0)
      var held = try #require(try store.take(at: 60))
      var order: [String] = []
      for seconds in 61..<66 {
        let (isEnded, next) = try store.exchange(held, at: Double(seconds))
        #expect(isEnded)
        let ended = try #require(try store.find(held.job.id))
        #expect(ended.state == .succeeded && ended.completedAt == moment(Double(seconds)))
        #expect(try store.documents(of: [held.job.id])[held.job.id]?.result == [1])
        let taken = try #require(next)
        #expect(try store.find(taken.job.id) == taken.job)
        #expect(taken.job.state == .running && taken.job.startedAt == moment(Double(seconds)))
        #expect(taken.lease.worker == "w")
        #expect(taken.lease.expiresAt == moment(Double(seconds) + 10))
        #expect(taken.document == JobSubmission.sample(taken.job.id).document)
        #expect(taken.input == [1, 2, 3] && taken.checkpoint == nil)
        order.append(taken.job.id)
        held = taken
      }
      #expect(order == ["b0", "a1", "b1", "a2", "a3"])
    },
    JobStoreLaw("the job that ended no longer counts against the bounds on the one that is taken") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      let limits = ClaimLimits(clientRunningMax: 1, memoryBytesMax: 100)
      for id in ["a", "b"] { try store.add(.sample(id, client: "one", memoryBytes: 60)) }
      try store.add(.sample("other", client: "two", memoryBytes: 60))
      let a = try #require(try store.take(limits))
      #expect(try store.take(limits) == nil)
      let other = try #require(try store.exchange(a, .succeeded, limits, at: 1).next)
      #expect(other.job.id == "other")
      #expect(try store.take(limits) == nil, "the one that was taken counts")
      #expect(try store.exchange(other, .succeeded, limits, at: 2).next?.job.id == "b")
    },
    JobStoreLaw("others that run count against the bounds on the one that is taken") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      let limits = ClaimLimits(clientRunningMax: 2)
      for id in ["a", "b", "c", "d"] { try store.add(.sample(id)) }
      let held = try (0..<3).map { _ in try #require(try store.take()) }
      let (isEnded, next) = try store.exchange(held[0], .succeeded, limits, at: 1)
      #expect(isEnded && next == nil)
      #expect(try store.exchange(held[1], .succeeded, limits, at: 2).next?.job.id == "d")
    },
    JobStoreLaw("a lease that was lost or has expired ends nothing and takes nothing") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b"] { try store.add(.sample(id)) }
      let first = try #require(try store.take(at: 0))
      let running = try #require(try store.find("a"))
      let expired = try store.exchange(first, at: 10)
      #expect(!expired.isEnded && expired.next == nil)
      #expect(try store.find("a") == running)
      #expect(try store.release(first.lease, now: moment(9)))
      let second = try #require(try store.take(at: 11))
      #expect(second.job.id == "a")
      let replaced = try store.exchange(first, at: 12)
      #expect(!replaced.isEnded && replaced.next == nil)
      #expect(try store.find("a") == second.job && store.find("b")?.state == .queued)
      #expect(try store.exchange(second, at: 13).next?.job.id == "b")
      let ended = try store.exchange(second, at: 14)
      #expect(!ended.isEnded && ended.next == nil, "a job ends once")
    },
    JobStoreLaw("where nothing waits the job ends, and an interrupted one may be its own next") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let first = try #require(try store.take(at: 0))
      let again = try #require(try store.exchange(first, .interrupted, at: 1).next)
      #expect(again.job.id == "a" && again.job.attempt == 1)
      #expect(again.lease.fence > first.lease.fence)
      let (isEnded, next) = try store.exchange(again, .failed([1]), at: 2)
      #expect(isEnded && next == nil)
      #expect(try store.find("a")?.state == .failed)
    },
  ]
}
