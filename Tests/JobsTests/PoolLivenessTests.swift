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
    let entered = DispatchSemaphore(value: 0)
    let proceed = DispatchSemaphore(value: 0)
    // The clock is read by every round: one that blocks is a round that hangs.
    let isBlocking = Switch()
    let clock = JobClock {
      if isBlocking.isSet, Thread.current.name == "jobs-upkeep" {
        entered.signal()
        proceed.wait()
      }
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
    entered.wait()
    let first = try #require(pool.upkeepSilenceSeconds)
    while try #require(pool.upkeepSilenceSeconds) < first + 0.1 { Thread.yieldToOthers() }
    isBlocking.set(false)
    proceed.signal()
    while try #require(pool.upkeepSilenceSeconds) > 0.1 { Thread.yieldToOthers() }
    pool.drain(graceSeconds: 10)
  }
}
