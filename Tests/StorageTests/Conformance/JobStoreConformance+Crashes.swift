// The law that everything else serves: what is accepted ends once, whatever dies on the way.

import Foundation
import Jobs
import Testing

extension JobStoreLaw {
  static let crashes = [1, 2, 3].map { seed in
    JobStoreLaw("each accepted job ends exactly once under crashes, seed \(seed)") { fixture in
      try fixture.addSubject("gen")
      var simulation = CrashSimulation(store: fixture.store, seed: UInt64(seed))
      for _ in 0..<1500 { try simulation.step() }
      try simulation.settle()
      let statistics = try fixture.store.statistics(now: simulation.now)
      #expect(statistics.counts[.queued] == 0 && statistics.counts[.running] == 0)
      #expect(simulation.accepted.count > 100)
      #expect(simulation.endings.values.allSatisfy { $0 == 1 }, "\(simulation.endings)")
      #expect(Set(simulation.endings.keys) == simulation.accepted)
      #expect(statistics.counts.values.reduce(0, +) == simulation.accepted.count)
    }
  }
}

/// Submitters, workers that die or freeze, and restarts, in an order that the seed decides.
private struct CrashSimulation {
  let store: any JobStore
  private var randomness: SeededRandomness
  private var seconds = 0.0
  /// Live and dead workers alike: a frozen one may come back with what it thinks is its job.
  private var leases: [JobLease] = []
  private var revisions: [String: Int] = [:]
  private(set) var accepted: Set<String> = []
  /// How often each job was seen to reach a final state.
  private(set) var endings: [String: Int] = [:]

  init(store: any JobStore, seed: UInt64) {
    self.store = store
    randomness = SeededRandomness(seed: seed)
  }

  var now: Date { moment(seconds) }

  mutating func step() throws {
    seconds += Double.random(in: 0...1, using: &randomness)
    switch Int.random(in: 0..<20, using: &randomness) {
    case 0..<4: try submit()
    case 4..<9: try claim()
    case 9..<12: try finishSomething()
    case 12..<14: try exchangeSomething()
    case 14: try releaseSomething()
    case 15: try cancelSomething()
    case 16: note(try store.recover(.expiredLeases, at: seconds))
    case 17: for id in try store.expireDeadlines(now: now) { end(id) }
    case 18: seconds += 6
    default:
      if Int.random(in: 0..<10, using: &randomness) == 0 {
        note(try store.recover(.everyRunningJob, at: seconds))
      }
    }
    if let id = accepted.randomElement(using: &randomness), let job = try store.find(id) {
      #expect(job.revision >= revisions[id] ?? 1)
      #expect(job.attempt <= job.attemptsMax)
      #expect(job.state.isFinished == (endings[id] != nil), "\(id) \(job.state)")
      revisions[id] = job.revision
    }
  }

  /// Lets everything come to its end without further crashes.
  mutating func settle() throws {
    seconds += 1000
    note(try store.recover(.everyRunningJob, at: seconds))
    for id in try store.expireDeadlines(now: now) { end(id) }
    while let claimed = try store.take(at: seconds) {
      #expect(
        try store.finish(claimed.lease, report: JobReport(outcome: .succeeded), now: now))
      end(claimed.job.id)
    }
  }

  private mutating func submit() throws {
    let id = "job-\(accepted.count)"
    let deadline = Int.random(in: 0..<4, using: &randomness) == 0 ? 20.0 : nil
    try store.add(.sample(id, deadlineSeconds: deadline, attemptsMax: 2), at: seconds)
    accepted.insert(id)
  }

  private mutating func claim() throws {
    if let claimed = try store.take(at: seconds, for: 5) { hold(claimed) }
  }

  private mutating func hold(_ claimed: ClaimedJob) {
    #expect(endings[claimed.job.id] == nil, "\(claimed.job.id) was handed out after its end")
    leases.append(claimed.lease)
  }

  /// Some lease, current or long lost: it stays in the list, as a confused worker would keep it.
  private mutating func someLease() -> JobLease? {
    leases.suffix(6).randomElement(using: &randomness)
  }

  private mutating func finishSomething() throws {
    guard let lease = someLease() else { return }
    if try store.finish(lease, report: someReport(), now: now) { end(lease.jobID) }
  }

  private mutating func exchangeSomething() throws {
    guard let lease = someLease() else { return }
    let (isEnded, next) = try store.finish(
      JobEnding(lease: lease, report: someReport()), claimingNextWithin: .none, now: now,
      leaseSeconds: 5)
    if isEnded { end(lease.jobID) }
    guard let next else { return }
    #expect(isEnded, "\(next.job.id) was taken though nothing had ended")
    hold(next)
  }

  private mutating func someReport() -> JobReport {
    let outcomes: [JobOutcome] = [.succeeded, .failed([1]), .canceled, .expired]
    return JobReport(
      outcome: outcomes.randomElement(using: &randomness) ?? .succeeded, document: [1])
  }

  private mutating func releaseSomething() throws {
    guard let lease = someLease(), try store.release(lease, now: now) else { return }
    if try store.find(lease.jobID)?.state == .canceled { end(lease.jobID) }
  }

  private mutating func cancelSomething() throws {
    guard let id = accepted.randomElement(using: &randomness), endings[id] == nil else { return }
    if try store.requestCancel(id, now: now).state == .canceled { end(id) }
  }

  private mutating func note(_ recovery: JobRecovery) {
    for id in recovery.failed + recovery.canceled { end(id) }
  }

  private mutating func end(_ id: String) { endings[id, default: 0] += 1 }
}
