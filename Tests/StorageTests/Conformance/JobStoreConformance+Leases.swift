// Laws of holding a job: order, exclusiveness, fencing.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let leases = [
    JobStoreLaw("the highest priority goes first, then the oldest") { fixture in
      try fixture.addSubject("gen")
      for (id, priority) in [("a", 0), ("b", 5), ("c", -3), ("d", 5), ("e", 0)] {
        try fixture.store.add(.sample(id, priority: priority))
      }
      var order: [String] = []
      while let claimed = try fixture.store.take() { order.append(claimed.job.id) }
      #expect(order == ["b", "d", "a", "e", "c"])
    },
    JobStoreLaw("racing workers never hold the same job") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<60 { try store.add(.sample("job-\(index)")) }
      let claimed = race(threads: 6) { thread in
        var ids: [String] = []
        while let job = try? store.claim(
          worker: "w\(thread)", now: moment(0), leaseSeconds: 10)
        {
          ids.append(job.job.id)
        }
        return ids
      }.flatMap { $0 }
      #expect(claimed.count == 60 && Set(claimed).count == 60)
    },
    JobStoreLaw("a lease holds up to its expiry; then nothing is written until it is renewed") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let lease = try #require(try store.take(at: 0, for: 10)).lease
      #expect(try store.renew(lease, progress: nil, now: moment(9.9), leaseSeconds: 10) == .held)
      #expect(try store.renew(lease, progress: nil, now: moment(19.8), leaseSeconds: 10) == .held)
      let report = JobReport(outcome: .succeeded, document: [1], outputs: ["latent": [1, 2, 3, 4]])
      #expect(try store.finish(lease, report: report, now: moment(29.8)) == false)
      #expect(try store.release(lease, now: moment(29.8)) == false)
      let job = try #require(try store.find("a"))
      #expect(job.state == .running && job.progress == nil && job.revision == 2)
      #expect(try store.output(of: "a", named: "latent") == nil)
      #expect(try store.documents(of: ["a"])["a"]?.result == nil)
      #expect(try store.renew(lease, progress: nil, now: moment(40), leaseSeconds: 10) == .held)
      #expect(try store.finish(lease, report: report, now: moment(41)))
    },
    JobStoreLaw("an expired lease cannot be renewed once the job was taken") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let lease = try #require(try store.take(at: 0, for: 10)).lease
      #expect(try store.recover(.expiredLeases, at: 10).requeued == ["a"])
      #expect(try store.renew(lease, progress: [1], now: moment(11), leaseSeconds: 10) == .lost)
      let next = try #require(try store.take(at: 12))
      #expect(try store.renew(lease, progress: [1], now: moment(13), leaseSeconds: 10) == .lost)
      #expect(try store.find("a") == next.job)
    },
    JobStoreLaw("a lease that was replaced writes nothing") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let first = try #require(try store.take(at: 0, for: 10)).lease
      #expect(try store.release(first, now: moment(1)))
      let second = try #require(try store.take(at: 2, for: 10))
      // Same worker, same attempt, overlapping time: only the fence tells them apart.
      #expect(second.job.attempt == 1)
      #expect(try store.renew(first, progress: [9], now: moment(3), leaseSeconds: 10) == .lost)
      let report = JobReport(outcome: .failed([0]))
      #expect(try store.finish(first, report: report, now: moment(3)) == false)
      #expect(try store.release(first, now: moment(3)) == false)
      #expect(try store.find("a") == second.job)
      #expect(
        try store.finish(second.lease, report: JobReport(outcome: .succeeded), now: moment(4)))
      #expect(
        try store.finish(second.lease, report: report, now: moment(4)) == false,
        "a job ends once")
      #expect(try store.find("a")?.state == .succeeded)
    },
    JobStoreLaw("many leases are renewed at once, each as it would be alone") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b", "c", "d"] { try store.add(.sample(id)) }
      let held = try (0..<4).map { _ in try #require(try store.take(at: 0, for: 10)).lease }
      _ = try store.requestCancel("b", now: moment(1))
      #expect(try store.release(held[2], now: moment(1)))
      let standings = try store.renew(
        [
          LeaseRenewal(lease: held[0], progress: [1]), LeaseRenewal(lease: held[1]),
          LeaseRenewal(lease: held[2], progress: [3]), LeaseRenewal(lease: held[3], progress: [4]),
        ], now: moment(20), leaseSeconds: 10)
      #expect(standings == [.held, .cancelRequested, .lost, .held])
      #expect(try store.renew([], now: moment(20), leaseSeconds: 10) == [])
      let progress = try ["a", "b", "c", "d"].map { try store.find($0)?.progress }
      #expect(progress == [[1], nil, nil, [4]])
      #expect(try store.recover(.expiredLeases, at: 29.9).isEmpty)
      let lost = try store.recover(.expiredLeases, at: 30)
      #expect(lost == JobRecovery(requeued: ["a", "d"], canceled: ["b"]))
    },
    JobStoreLaw("progress is visible and moves the revision; heartbeats do not") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let lease = try #require(try store.take()).lease
      _ = try store.renew(lease, progress: nil, now: moment(1), leaseSeconds: 10)
      #expect(try store.find("a")?.revision == 2)
      _ = try store.renew(lease, progress: [7], now: moment(1), leaseSeconds: 10)
      _ = try store.renew(lease, progress: nil, now: moment(1), leaseSeconds: 10)
      let job = try #require(try store.find("a"))
      #expect(job.revision == 3 && job.progress == [7])
    },
    JobStoreLaw("an interruption does not count as an attempt") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a", attemptsMax: 1))
      for round in 0..<3 {
        let claimed = try #require(try store.take(at: Double(round)))
        #expect(claimed.job.attempt == 1)
        let interrupted = JobReport(outcome: .interrupted)
        #expect(try store.finish(claimed.lease, report: interrupted, now: moment(Double(round))))
        #expect(try store.find("a")?.attempt == 0)
      }
    },
  ]
}
