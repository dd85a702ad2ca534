// Laws of what is remembered of attempts, and of who answers for a process that died.

import Foundation
import Jobs
import Testing

extension JobStore {
  fileprivate func history(_ id: String) throws -> [JobAttempt] {
    let record = try #require(try record(of: id))
    #expect(try documents(of: [id])[id]?.attempts == record.documents.attempts)
    return record.documents.attempts
  }

  /// The process dies and another takes the database over.
  fileprivate func restart(at seconds: Double) throws -> JobRecovery {
    try recover(.everyRunningJob, at: seconds)
  }
}

extension JobStoreLaw {
  static let history = [
    JobStoreLaw("every attempt is remembered: who, when and how it ended") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      #expect(try store.history("a") == [])
      let first = try #require(try store.take(at: 1))
      #expect(
        try store.history("a") == [JobAttempt(number: 1, worker: "w", startedAt: moment(1))])
      try store.end(first, .interrupted, at: 2)
      _ = try store.claim(worker: "x", now: moment(3), leaseSeconds: 10)
      #expect(try store.recover(.expiredLeases, at: 13).requeued == ["a"])
      _ = try store.take(at: 20)
      #expect(try store.restart(at: 21).requeued == ["a"])
      let last = try #require(try store.take(at: 22))
      try store.end(last, .failed([1]), at: 23)
      func attempt(
        _ number: Int, _ worker: String, _ from: Double, _ to: Double,
        _ ending: JobAttempt.Ending, isCounted: Bool = true
      ) -> JobAttempt {
        JobAttempt(
          number: number, worker: worker, startedAt: moment(from), endedAt: moment(to),
          ending: ending, isCounted: isCounted)
      }
      #expect(
        try store.history("a") == [
          attempt(1, "w", 1, 2, .interrupted, isCounted: false),
          attempt(1, "x", 3, 13, .leaseLost), attempt(2, "w", 20, 21, .processDied),
          attempt(3, "w", 22, 23, .finished),
        ])
      try store.delete("a")
      #expect(try store.documents(of: ["a"]).isEmpty)
    },
    JobStoreLaw("a job whose every attempt was lost fails, and its history says why") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a", attemptsMax: 2))
      for round in [0.0, 20] {
        _ = try store.take(at: round)
        _ = try store.recover(.expiredLeases, at: round + 10)
      }
      let job = try #require(try store.find("a"))
      #expect(job.state == .failed && job.error == Array("lost".utf8) && job.attempt == 2)
      #expect(try store.history("a").map(\.ending) == [.leaseLost, .leaseLost])
      #expect(try store.take(at: 40) == nil)
    },
    JobStoreLaw("the newest attempts are kept, as many as may be") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      try store.add(.sample("a"))
      let most = JobAttempt.keptMax
      for round in 0...most {
        let job = try #require(try store.take(at: Double(round)))
        try store.end(job, .interrupted, at: Double(round))
        #expect(try store.history("a").count == min(round + 1, most))
      }
      #expect(try store.history("a").first?.startedAt == moment(1))
    },
    JobStoreLaw("who ran beside others when the process died is not charged, and runs alone") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b"] { try store.add(.sample(id, attemptsMax: 1)) }
      for _ in 0..<2 { _ = try store.take(at: 0) }
      try store.add(.sample("c", priority: 9))
      #expect(try store.restart(at: 1).requeued == ["a", "b"])
      for id in ["a", "b"] {
        #expect(try store.find(id)?.attempt == 0)
        #expect(try store.history(id).map(\.isCounted) == [false])
        let suspect = try #require(try store.take(at: 2))
        #expect(suspect.job.id == id, "before all others, whatever their priority")
        #expect(try store.take(at: 2) == nil, "with nothing beside it")
        try store.end(suspect, at: 3)
      }
      #expect(try store.take(at: 4)?.job.id == "c")
    },
    JobStoreLaw("a job that ends the process is found, counted and failed; the others finish") {
      fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      let ids = (0..<6).map { "job-\($0)" }
      for id in ids { try store.add(.sample(id, attemptsMax: 3)) }
      var deaths = 0
      var seconds = 0.0
      // Four workers; job-2 ends the process as soon as it runs, once the workers are busy.
      rounds: while try store.statistics(now: moment(seconds)).counts[.queued] != 0 {
        var held: [ClaimedJob] = []
        while held.count < 4, let job = try store.take(at: seconds) { held.append(job) }
        seconds += 1
        if held.contains(where: { $0.job.id == "job-2" }) {
          deaths += 1
          _ = try store.restart(at: seconds)
          continue rounds
        }
        for job in held { try store.end(job, at: seconds) }
      }
      #expect(deaths == 4, "once beside others and three times alone")
      for id in ids {
        let job = try #require(try store.find(id))
        #expect(job.state == (id == "job-2" ? .failed : .succeeded))
        #expect(job.attempt == (id == "job-2" ? 3 : 1))
      }
      #expect(try store.history("job-2").map(\.isCounted) == [false, true, true, true])
    },
    JobStoreLaw("a suspect waits until what runs has ended, and expires like others") { fixture in
      try fixture.addSubject("gen")
      let store = fixture.store
      for id in ["a", "b"] { try store.add(.sample(id, deadlineSeconds: 30)) }
      for _ in 0..<2 { _ = try store.take(at: 0) }
      _ = try store.restart(at: 1)
      let first = try #require(try store.take(at: 2))
      try store.end(first, .interrupted, at: 3)
      #expect(try store.take(at: 4)?.job.id == "a", "an interruption proves nothing")
      #expect(try store.take(at: 4) == nil)
      #expect(try store.recover(.expiredLeases, at: 14).requeued == ["a"])
      try store.add(.sample("c"), at: 20)
      #expect(try store.expireDeadlines(now: moment(30)) == ["a", "b"])
      #expect(try store.take(at: 31)?.job.id == "c")
    },
  ]
}
