import Jobs
import Synchronization

/// Tells a solver whether to stop, and remembers that it did: then what the solver found is not all
/// that it would have found, however its search says it ended.
final class StopWitness: Sendable {
  private let control: JobControl
  private let hasTold = Atomic(false)

  init(_ control: JobControl) { self.control = control }

  /// Whether the solver is to stop.
  @Sendable func isTold() -> Bool {
    guard control.shouldStop else { return false }
    hasTold.store(true, ordering: .relaxed)
    return true
  }

  var wasTold: Bool { hasTold.load(ordering: .relaxed) }
}
