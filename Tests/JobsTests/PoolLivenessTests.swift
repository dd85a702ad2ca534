import Dispatch
import Foundation
import Jobs
import Synchronization
import Testing

/// Stops, from when it is told to, whoever reads it: a pool's upkeep does so twice a round.
private final class HaltingClock: Sendable {
  private let halts = Atomic(false)
  private let halted = DispatchSemaphore(value: 0)
  private let proceed = DispatchSemaphore(value: 0)

  var clock: JobClock {
    JobClock { [self] in
      if halts.load(ordering: .sequentiallyConsistent) {
        halted.signal()
        proceed.wait()
      }
      return Date(timeIntervalSince1970: 1e9)
    }
  }

  func halt() {
    halts.store(true, ordering: .sequentiallyConsistent)
    halted.wait()
  }

  func waitForHalt() { halted.wait() }

  func goOn() { proceed.signal() }

  func haltNoMore() {
    halts.store(false, ordering: .sequentiallyConsistent)
    proceed.signal()
  }
}

/// Whether the pool's upkeep turns can be told from outside.
@Suite("Liveness of the pool", .timeLimit(.minutes(1)))
struct PoolLivenessTests {
  private static func seconds(since moment: DispatchTime) -> Double {
    Double(DispatchTime.now().uptimeNanoseconds - moment.uptimeNanoseconds) * 1e-9
  }

  @Test("silence ends with a round and lasts while one does not end")
  func silence() throws {
    let time = HaltingClock()
    let store = ScriptedStore()
    let pool = WorkerPool(
      store: store, runner: ClosureRunner { _, _ in JobReport(outcome: .succeeded) },
      changes: JobChanges(),
      configuration: WorkerPoolConfiguration(
        workerCount: 1, progressSeconds: 0.001, pollSeconds: 3600), clock: time.clock)
    #expect(pool.upkeepSilenceSeconds == nil)
    try pool.start()
    // From then on the worker sleeps and reads no clock.
    while store.state.withLock({ $0.claims }) == 0 { Thread.yieldToOthers() }
    time.halt()
    let atFirst = try #require(pool.upkeepSilenceSeconds)
    while try #require(pool.upkeepSilenceSeconds) <= atFirst { Thread.yieldToOthers() }
    let hung = DispatchTime.now()
    for _ in 0..<4 {
      time.goOn()
      time.waitForHalt()
    }
    #expect(try #require(pool.upkeepSilenceSeconds) < Self.seconds(since: hung), "another round")
    time.haltNoMore()
    pool.drain(graceSeconds: 10)
  }
}
