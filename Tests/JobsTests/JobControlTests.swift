// Stop signals and progress, and the wake-up that the pool's threads sleep on.

import Dispatch
import Foundation
import Jobs
import Testing

@Suite("Job control and wake-ups")
struct JobControlTests {
  @Test("each signal is seen, alone and with others, and stays", arguments: StopSignal.allCases)
  func signals(_ signal: StopSignal) {
    let control = JobControl()
    #expect(!control.shouldStop)
    control.raise(signal)
    #expect(control.shouldStop)
    #expect(control.isCanceled == (signal == .canceled))
    #expect(control.isDeadlinePassed == (signal == .deadlinePassed))
    #expect(control.isInterrupted == (signal == .interrupted))
    #expect(control.isLeaseLost == (signal == .leaseLost))
    for other in StopSignal.allCases { control.raise(other) }
    #expect(StopSignal.allCases.allSatisfy(control.isRaised))
  }

  @Test("progress is encoded once for each time it is asked for")
  func progress() {
    let control = JobControl()
    var encodings = 0
    func encode() -> [UInt8] {
      encodings += 1
      return [UInt8(encodings)]
    }
    for _ in 0..<5 { control.report(progress: encode()) }
    #expect(encodings == 1)
    #expect(control.takeProgress() == [1])
    #expect(control.takeProgress() == nil)
    for _ in 0..<5 { control.report(progress: encode()) }
    #expect(control.takeProgress() == [2])
  }

  @Test("progress is bounded on both sides")
  func progressBytes() {
    let control = JobControl()
    control.report(progress: [UInt8](repeating: 1, count: 65537))
    #expect(control.takeProgress() == nil)
    control.report(progress: [UInt8](repeating: 1, count: 65536))
    #expect(control.takeProgress()?.count == 65536)
  }

  @Test("a wake-up between looking and waiting is not lost")
  func noLostWakeUp() {
    let signal = WorkSignal()
    let seen = signal.generation
    signal.wake()
    // Would run into the test's time limit if the wake-up were lost.
    signal.wait(after: seen, seconds: 1e6)
    #expect(signal.waiterCount == 0)
  }

  @Test("a wait that nobody ends gives up and leaves nothing behind")
  func timeout() {
    let signal = WorkSignal()
    signal.wait(after: signal.generation, seconds: 0.001)
    #expect(signal.waiterCount == 0)
    signal.wake()
  }

  @Test("as many threads wake as there is work")
  func count() {
    let signal = WorkSignal()
    let woken = DispatchSemaphore(value: 0)
    let seen = signal.generation
    for _ in 0..<3 {
      Thread {
        signal.wait(after: seen, seconds: 1e6)
        woken.signal()
      }.start()
    }
    while signal.waiterCount < 3 { Thread.yieldToOthers() }
    signal.wake(2)
    woken.wait()
    woken.wait()
    #expect(signal.waiterCount == 1)
    signal.wake(.max)
    woken.wait()
    #expect(signal.waiterCount == 0)
  }

  @Test("the steady clock starts at the wall clock and never goes back")
  func steadyClock() {
    let clock = JobClock.steady()
    let first = clock.now()
    #expect(abs(first.timeIntervalSince(Date())) < 60)
    #expect(clock.now() >= first)
  }
}

extension Thread {
  /// Lets other threads run, for polling a condition that has no signal.
  static func yieldToOthers() { sched_yield() }
}
