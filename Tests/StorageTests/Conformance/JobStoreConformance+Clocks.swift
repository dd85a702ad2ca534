// Laws of clocks that jump: what is under way goes on, and nothing is done twice.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let clocks =
    [3600.0, -3600].map { jump in
      JobStoreLaw("a clock that jumps by \(Int(jump)) s loses no job and hands none out twice") {
        fixture in
        try fixture.addSubject("gen")
        let store = fixture.store
        for index in 0..<6 { try store.add(.sample("job-\(index)", attemptsMax: 1)) }
        let held = try (0..<3).map { _ in try #require(try store.take(at: 1)) }
        let now = moment(2 + jump)
        // As the pool does it: whoever works renews before anybody recovers.
        for job in held {
          #expect(try store.renew(job.lease, progress: nil, now: now, leaseSeconds: 10) == .held)
        }
        #expect(try store.recover(.expiredLeases, at: 2 + jump).isEmpty)
        let others = try (0..<3).map { _ in try #require(try store.take(at: 3 + jump)) }
        #expect(Set((held + others).map(\.job.id)).count == 6)
        #expect(try store.take(at: 3 + jump) == nil)
        // And back again.
        for job in held + others {
          #expect(
            try store.renew(job.lease, progress: nil, now: moment(4), leaseSeconds: 10) == .held)
        }
        #expect(try store.recover(.expiredLeases, at: 4).isEmpty)
        for job in held + others { #expect(try store.end(job, at: 5)) }
        #expect(try store.statistics(now: moment(6)).counts[.succeeded] == 6)
        for index in 0..<6 { #expect(try store.find("job-\(index)")?.attempt == 1) }
      }
    } + [
      JobStoreLaw("who was served by a clock that was set back meanwhile is not held up by it") {
        fixture in
        try fixture.addSubject("gen")
        let store = fixture.store
        for client in ["a", "b"] {
          for index in 0..<2 {
            try store.add(.sample("\(client)\(index)", client: client), at: 3600)
          }
        }
        let first = try #require(try store.take(at: 3600))
        try store.end(first, at: 3600)
        _ = try store.recover(.everyRunningJob, at: 0)
        try store.add(.sample("c0", client: "c"), at: 1)
        var order: [String] = []
        while let job = try store.take(at: 2) { order.append(job.job.id) }
        #expect(order == ["b0", "a1", "c0", "b1"])
      }
    ]
}
