import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

private final class Switch: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .sequentiallyConsistent) }
  func set(_ isSet: Bool) { value.store(isSet, ordering: .sequentiallyConsistent) }
}

/// Whether the pool's upkeep turns can be told from outside.
@Suite("Liveness of the pool", .timeLimit(.minutes(1)))
struct PoolLivenessTests {
  @Test("silence ends with a round and lasts while one does not end")
  func silence() throws {
    // The clock is read by every round: one that blocks is a round that hangs.
    let isBlocking = Switch()
    let proceed = DispatchSemaphore(value: 0)
    let clock = JobClock {
      if isBlocking.isSet { proceed.wait() }
      return Date(timeIntervalSince1970: 1e9)
    }
    let pool = WorkerPool(
      store: ScriptedStore(), runner: ClosureRunner { _, _ in JobReport(outcome: .succeeded) },
      changes: JobChanges(),
      configuration: WorkerPoolConfiguration(
        workerCount: 1, progressSeconds: 0.001, pollSeconds: 0.001), clock: clock)
    #expect(pool.upkeepSilenceSeconds == nil)
    try pool.start()
    while pool.upkeepSilenceSeconds == nil { Thread.yieldToOthers() }
    isBlocking.set(true)
    while try #require(pool.upkeepSilenceSeconds) < 0.2 { Thread.yieldToOthers() }
    isBlocking.set(false)
    // The worker may hang in it, too.
    for _ in 0..<2 { proceed.signal() }
    while try #require(pool.upkeepSilenceSeconds) > 0.1 { Thread.yieldToOthers() }
    pool.drain(graceSeconds: 10)
  }
}
