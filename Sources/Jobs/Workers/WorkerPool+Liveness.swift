// Whether the pool still looks after its jobs.

import Dispatch
import Synchronization

extension WorkerPool {
  /// Seconds since the maintenance thread last began a round, or another step of one; `nil` before its
  /// first.
  ///
  /// Rounds are `progressSeconds` apart and a step asks little of the store; a longer silence is a
  /// store that blocks or a thread that hangs. The time is the machine's own: a clock that a test sets back has no part in it.
  public var upkeepSilenceSeconds: Double? {
    let turned = turnedAt.load(ordering: .acquiring)
    guard turned > 0 else { return nil }
    let now = DispatchTime.now().uptimeNanoseconds
    return now > turned ? Double(now - turned) * 1e-9 : 0
  }

  /// Says that the maintenance thread begins a round, or the next step of one that takes long.
  func noteTurn() {
    turnedAt.store(DispatchTime.now().uptimeNanoseconds, ordering: .releasing)
  }
}
