// How a sleeping thread learns that there may be something to do.

import Dispatch
import Synchronization

/// A wake-up that is never lost and never depends on the wall clock.
///
/// A thread reads `generation`, looks for work, and waits with the generation it read: a wake-up in
/// between makes the wait return at once. Semaphores time out on the monotonic clock, where a
/// condition would wait on the wall clock and oversleep when the time is set back.
package final class WorkSignal: Sendable {
  private struct State {
    var generation: UInt64 = 0
    var waiters: [DispatchSemaphore] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// Grows with every wake-up.
  package var generation: UInt64 { state.withLock { $0.generation } }

  /// Wakes as many waiting threads as there are pieces of work, the longest waiting first.
  package func wake(_ count: Int = 1) {
    let woken = state.withLock { state in
      state.generation &+= 1
      let taken = Array(state.waiters.prefix(count))
      state.waiters.removeFirst(taken.count)
      return taken
    }
    for waiter in woken { waiter.signal() }
  }

  /// Sleeps until the next wake-up after generation `seen`, at most `seconds`.
  package func wait(after seen: UInt64, seconds: Double) {
    let semaphore = DispatchSemaphore(value: 0)
    let waits = state.withLock { state in
      guard state.generation == seen else { return false }
      state.waiters.append(semaphore)
      return true
    }
    guard waits, semaphore.wait(timeout: .now() + min(seconds, 1e6)) == .timedOut else { return }
    state.withLock { state in state.waiters.removeAll { $0 === semaphore } }
  }

  /// How many threads are waiting now.
  package var waiterCount: Int { state.withLock { $0.waiters.count } }
}
