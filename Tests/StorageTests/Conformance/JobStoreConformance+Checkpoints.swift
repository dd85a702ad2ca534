// Laws of keeping where a running job stands.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let checkpoints = [
    JobStoreLaw("the next attempt is given the newest checkpoint, after a crash and a release") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let first = try #require(try store.take(at: 0))
      #expect(first.checkpoint == nil)
      #expect(try store.checkpoint(first.lease, bytes: [1], now: moment(1)))
      #expect(try store.checkpoint(first.lease, bytes: [2, 2], now: moment(2)))
      _ = try store.recover(.everyRunningJob, at: 3)
      let second = try #require(try store.take(at: 3))
      #expect(second.checkpoint == [2, 2] && second.job.attempt == 2)
      #expect(try store.release(second.lease, now: moment(4)))
      let third = try #require(try store.take(at: 4))
      #expect(third.checkpoint == [2, 2])
      #expect(try store.checkpoint(third.lease, bytes: [], now: moment(5)))
      _ = try store.recover(.expiredLeases, at: 30)
      #expect(try store.take(at: 30)?.checkpoint == [])
    },
    JobStoreLaw("a checkpoint is not a change that anybody sees") { fixture in
      try fixture.addSubject("gen")
      try fixture.store.add(.sample("a"))
      let claimed = try #require(try fixture.store.take(at: 0))
      #expect(try fixture.store.checkpoint(claimed.lease, bytes: [1], now: moment(1)))
      #expect(try fixture.store.find("a") == claimed.job)
    },
    JobStoreLaw("nothing is stored under a lease that was lost, replaced or ended") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let first = try #require(try store.take(at: 0, for: 10)).lease
      #expect(try store.checkpoint(first, bytes: [1], now: moment(9.9)))
      #expect(try store.checkpoint(first, bytes: [2], now: moment(10)) == false)
      _ = try store.recover(.expiredLeases, at: 10)
      let second = try #require(try store.take(at: 11, for: 10))
      #expect(second.checkpoint == [1])
      #expect(try store.checkpoint(first, bytes: [3], now: moment(12)) == false)
      var other = second.lease
      other.worker = "another"
      #expect(try store.checkpoint(other, bytes: [4], now: moment(12)) == false)
      #expect(try store.release(second.lease, now: moment(13)))
      #expect(try store.checkpoint(second.lease, bytes: [5], now: moment(13)) == false)
      let third = try #require(try store.take(at: 14))
      #expect(third.checkpoint == [1])
      #expect(
        try store.finish(third.lease, report: JobReport(outcome: .succeeded), now: moment(15)))
      #expect(try store.checkpoint(third.lease, bytes: [6], now: moment(15)) == false)
    },
    JobStoreLaw("each job has a checkpoint of its own, and one that ended has none") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b"] { try store.add(.sample(id)) }
      let a = try #require(try store.take())
      let b = try #require(try store.take())
      #expect(try store.checkpoint(a.lease, bytes: [1], now: moment(1)))
      #expect(try store.checkpoint(b.lease, bytes: [2], now: moment(1)))
      #expect(try store.finish(a.lease, report: JobReport(outcome: .succeeded), now: moment(2)))
      try store.delete("a")
      #expect(try store.release(b.lease, now: moment(2)))
      #expect(try store.take(at: 3)?.checkpoint == [2])
    },
  ]
}
