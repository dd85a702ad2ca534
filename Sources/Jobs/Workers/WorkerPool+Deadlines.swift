// When the maintenance thread has to look next, so that deadlines are met by a timer.

import Foundation
import Synchronization

extension WorkerPool {
  /// Says that `count` jobs were added, the earliest of whose deadlines is `deadline`. Call it after
  /// `enqueue` returned.
  public func wake(_ count: Int = 1, deadline: Date? = nil) {
    work.wake(count)
    guard let deadline else { return }
    state.withLock { $0.nextDeadline = min($0.nextDeadline ?? deadline, deadline) }
    lookBy(deadline)
  }

  /// Wakes the maintenance thread if it would sleep beyond this deadline, which it can see by now.
  func lookBy(_ deadline: Date) {
    if state.withLock({ deadline < $0.nextRoundAt }) { upkeep.wake(.max) }
  }

  /// Whether waiting jobs should be looked through for those whose deadline has passed: when the
  /// earliest is known to have, and every `pollSeconds` for those that nobody announced.
  func isExpiryDue(_ now: Date) -> Bool {
    state.withLock { state in
      let elapsed = now.timeIntervalSince(state.lastExpiryAt)
      let hasPassed = state.nextDeadline.map { $0 <= now } ?? false
      guard hasPassed || elapsed >= configuration.pollSeconds || elapsed < 0 else { return false }
      state.lastExpiryAt = now
      return true
    }
  }

  /// Ends the waiting jobs whose deadline has passed and finds out which is the next.
  func expire(_ now: Date) {
    // One that is announced from here on is earlier than what is read below, or is read.
    state.withLock { $0.nextDeadline = nil }
    do throws(JobStoreError) {
      while true {
        noteTurn()
        let expired = try store.expireDeadlines(now: now)
        guard !expired.isEmpty else { break }
        emit(.expired(jobIDs: expired))
        for id in expired { changes.publish(id) }
      }
      if let next = try store.earliestDeadline() {
        state.withLock { $0.nextDeadline = min($0.nextDeadline ?? next, next) }
      }
    } catch {
      emit(.storeFailed(during: .expire, error))
    }
  }

  /// How long the maintenance thread may sleep: to the next deadline, waiting jobs' and running ones'
  /// alike, but no longer than progress may wait.
  package func secondsToNextRound() -> Double {
    let now = clock.now()
    return state.withLock { state in
      let running = state.assignments.values.compactMap { assignment in
        // Nobody tells the runner of a disowned job.
        assignment.isDisowned || assignment.control.isDeadlinePassed ? nil : assignment.deadline
      }
      var seconds = configuration.progressSeconds
      if let next = (running + [state.nextDeadline].compactMap(\.self)).min() {
        // Not none at all: a clock that stands still must not make this a spin.
        seconds = min(seconds, max(next.timeIntervalSince(now), 0.001))
      }
      state.nextRoundAt = now.addingTimeInterval(seconds)
      return seconds
    }
  }
}
