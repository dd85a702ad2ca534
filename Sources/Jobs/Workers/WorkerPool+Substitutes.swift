// Who does the jobs of a worker whose runner does not return.

import Foundation
import Synchronization

extension WorkerPool {
  /// Takes a job from a runner that does not listen. Another thread takes the worker's place, as long
  /// as there are no more such threads than workers; the worker's own leaves when its runner returns.
  func disown(_ assignment: Assignment) {
    assignment.control.raise(.leaseLost)
    let worker = assignment.lease.worker
    let substitute = state.withLock { state -> Int? in
      guard var current = state.assignments[Hold(assignment.lease)], !current.hasReturned else {
        return nil
      }
      current.isDisowned = true
      state.assignments[Hold(assignment.lease)] = current
      guard state.phase == .running, state.replaced.count < configuration.workerCount,
        state.replaced.insert(worker).inserted
      else { return nil }
      state.substitutesStarted += 1
      return configuration.workerCount + state.substitutesStarted - 1
    }
    if let substitute { startWorker(substitute) }
  }

  /// Says that a worker's runner has returned. Where its place was taken meanwhile, it takes another's
  /// that was not, because too many had to be.
  ///
  /// - Returns: whether there is a place for the worker.
  func resume(_ worker: String) -> Bool {
    state.withLock { state in
      guard state.replaced.remove(worker) != nil else { return true }
      guard let other = state.unresponsiveWorkers.subtracting(state.replaced).first else {
        return false
      }
      state.replaced.insert(other)
      return true
    }
  }
}
