// Laws of whose turn it is: priorities that age, clients that alternate, bounds on what runs.

import Foundation
import Jobs
import Testing

extension JobStore {
  /// The ids of all that wait, in the order in which they are handed out from `seconds` on, a
  /// millisecond apart.
  fileprivate func order(
    _ limits: ClaimLimits = .none, from seconds: Double = 100
  ) throws -> [String] {
    var ids: [String] = []
    while let job = try take(limits, at: seconds + Double(ids.count) * 1e-3) {
      ids.append(job.job.id)
      try end(job, at: seconds + Double(ids.count) * 1e-3)
    }
    return ids
  }

  fileprivate func add(_ id: String, _ client: String, priority: Int = 0, at seconds: Double)
    throws
  {
    _ = try enqueue(
      .sample(id, priority: priority, client: client),
      admission: JobAdmission(ageingSeconds: 10), now: moment(seconds))
  }
}

extension JobStoreLaw {
  static let turns = [
    JobStoreLaw("a waiting job gains a priority for each ageing time, exactly") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add("old", "", at: 0)
      try store.add("sooner", "", priority: 1, at: 9.999)
      try store.add("equal", "", priority: 1, at: 10)
      try store.add("later", "", priority: 1, at: 10.001)
      try store.add("low", "", priority: -1, at: 0.5)
      try store.add("lowest", "", priority: -1000, at: 0)
      try store.add("now", "", at: 10.4)
      #expect(
        try store.order() == ["sooner", "old", "equal", "later", "now", "low", "lowest"])
    },
    JobStoreLaw("a job that was interrupted goes back to its old place") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for (place, id) in ["a", "b", "c"].enumerated() { try store.add(id, "", at: Double(place)) }
      let claimed = try #require(try store.take(at: 5))
      try store.end(claimed, .interrupted, at: 6)
      #expect(try store.order() == ["a", "b", "c"])
    },
    JobStoreLaw("clients of one priority take turns, however much one of them sent first") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<4 { try store.add("a\(index)", "a", at: 0) }
      for index in 0..<2 { try store.add("b\(index)", "b", at: 50) }
      let first = try #require(try store.take(at: 60))
      #expect(first.job.id == "a0")
      try store.end(first, at: 61)
      try store.add("c0", "c", at: 62)
      #expect(try store.order() == ["b0", "a1", "c0", "b1", "a2", "a3"])
    },
    JobStoreLaw("clients take turns also when all happens at one moment") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for client in ["a", "b", "c"] {
        for index in 0..<3 { try store.add("\(client)\(index)", client, at: 0) }
      }
      var order: [String] = []
      while let job = try store.take(at: 0) { order.append(job.job.client) }
      #expect(order == ["a", "b", "c", "a", "b", "c", "a", "b", "c"])
    },
    JobStoreLaw("a client of lower priority has a turn after each ageing time") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<60 { try store.add("high\(index)", "high", priority: 1, at: 0) }
      for index in 0..<4 { try store.add("low\(index)", "low", at: 0) }
      var turns: [Int] = []
      for second in 0..<40 {
        let job = try #require(try store.take(at: Double(second)))
        if job.job.client == "low" { turns.append(second) }
        try store.end(job, at: Double(second))
      }
      // Every 10 s, and one for the other that was served last at the same moment.
      #expect(turns.count == 3 || turns.count == 4, "\(turns)")
      for (one, next) in zip(turns, turns.dropFirst()) { #expect((10...12).contains(next - one)) }
    },
    JobStoreLaw("a client at its bound is passed over, and has a turn when one has ended") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<4 { try store.add("a\(index)", "a", priority: 5, at: 0) }
      try store.add("b0", "b", at: 1)
      let limits = ClaimLimits(clientRunningMax: 2)
      let held = try (0..<3).compactMap { _ in try store.take(limits, at: 2) }
      #expect(held.map(\.job.id) == ["a0", "a1", "b0"])
      #expect(try store.take(limits, at: 2) == nil)
      try store.end(held[2], at: 3)
      #expect(try store.take(limits, at: 3) == nil)
      try store.end(held[1], .interrupted, at: 4)
      #expect(try store.take(limits, at: 4)?.job.id == "a1")
      try store.end(held[0], at: 5)
      #expect(try store.take(limits, at: 5)?.job.id == "a2")
      #expect(try store.take(limits, at: 5) == nil)
      #expect(try store.take(ClaimLimits(clientRunningMax: 3), at: 5)?.job.id == "a3")
    },
    JobStoreLaw("racing workers keep a client's bound") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for index in 0..<20 { try store.add("a\(index)", "a", at: 0) }
      let taken = race(threads: 6) { thread in
        (0..<5).count { _ in
          let limits = ClaimLimits(clientRunningMax: 7)
          return (try? store.take(limits, at: 1)) ?? nil != nil
        }
      }
      #expect(taken.reduce(0, +) == 7)
    },
    JobStoreLaw("what does not fit into memory keeps its turn until it fits or is alone") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      let limits = ClaimLimits(memoryBytesMax: 100)
      for (id, bytes) in [("a", 60), ("b", 40), ("c", 1), ("huge", 101), ("d", 1)] {
        try store.add(.sample(id, memoryBytes: bytes))
      }
      let a = try #require(try store.take(limits))
      let b = try #require(try store.take(limits))
      #expect(a.job.id == "a" && b.job.id == "b")
      #expect(try store.take(limits) == nil)
      try store.end(a, at: 1)
      let c = try #require(try store.take(limits))
      #expect(c.job.id == "c")
      try store.end(b, at: 2)
      #expect(try store.take(limits) == nil, "the huge one is next and not alone")
      try store.end(c, at: 3)
      let huge = try #require(try store.take(limits))
      #expect(huge.job.id == "huge")
      #expect(try store.take(limits) == nil)
      try store.end(huge, at: 4)
      #expect(try store.take(limits)?.job.id == "d")
    },
  ]
}
