// What the pool does beside the workers: heartbeats, deadlines, cancellation, recovery.

import Foundation
import Synchronization

extension WorkerPool {
  /// Runs maintenance until the pool has stopped.
  func runMaintenance() {
    while true {
      let generation = upkeep.generation
      if state.withLock({ $0.phase == .stopped }) { return }
      noteTurn()
      maintain()
      upkeep.wait(after: generation, seconds: secondsToNextRound())
    }
  }

  /// One round of maintenance at the clock's present moment.
  package func maintain() {
    let now = clock.now()
    let held = state.withLock { state in state.assignments.values.filter { !$0.isDisowned } }
    // First what needs no storage: that may keep the rest waiting.
    for assignment in held {
      if let deadline = assignment.deadline, deadline <= now {
        assignment.control.raise(.deadlinePassed)
      }
    }
    renewLeases(of: held, now)
    for assignment in held {
      noteTurn()
      attend(to: assignment, now)
    }
    if isExpiryDue(now) { expire(now) }
    // A lease that could not be renewed may have expired for want of storage, not of its worker.
    guard !isRenewalDue else { return }
    if isDue(\.lastRecoveryAt, every: configuration.leaseSeconds / 2, now) { recover(now) }
  }

  private func attend(to assignment: Assignment, _ now: Date) {
    let control = assignment.control
    storeCheckpoint(of: control, under: assignment.lease, now)
    guard control.isCanceled || control.isDeadlinePassed || control.isLeaseLost else { return }
    guard let toldAt = assignment.toldToStopAt else {
      update(assignment) { $0.toldToStopAt = now }
      return
    }
    if now.timeIntervalSince(toldAt) >= configuration.unresponsiveSeconds {
      endWithoutRunner(assignment)
    }
  }

  /// Ends the job of a runner that does not listen; its thread stays occupied until it returns.
  private func endWithoutRunner(_ assignment: Assignment) {
    // What returned is about to be stored, perhaps since long, and what is lost is another's to end.
    let hasReturned = state.withLock { $0.assignments[Hold(assignment.lease)]?.hasReturned ?? true }
    guard !hasReturned else { return }
    guard !assignment.control.isLeaseLost else { return disown(assignment) }
    let outcome: JobOutcome = assignment.control.isCanceled ? .canceled : .expired
    do throws(JobStoreError) {
      let isEnded = try finish(
        JobEnding(lease: assignment.lease, report: JobReport(outcome: outcome)))
      disown(assignment)
      guard isEnded else { return }
      emit(.unresponsive(jobID: assignment.jobID))
      changes.publish(assignment.jobID)
    } catch {
      emit(.storeFailed(during: .finish, error))
    }
  }

  private func recover(_ now: Date) {
    noteTurn()
    do throws(JobStoreError) {
      let recovery = try store.recoverAbandoned(
        .expiredLeases, error: configuration.abandonedError, now: now)
      guard !recovery.isEmpty else { return }
      emit(.recovered(recovery))
      for id in recovery.requeued + recovery.failed + recovery.canceled { changes.publish(id) }
      work.wake(recovery.requeued.count)
    } catch {
      emit(.storeFailed(during: .recover, error))
    }
  }

  /// Whether `seconds` have passed since the moment at `path`, which is then set to `now`.
  private func isDue(
    _ path: any WritableKeyPath<State, Date> & Sendable, every seconds: Double, _ now: Date
  ) -> Bool {
    state.withLock { state in
      let elapsed = now.timeIntervalSince(state[keyPath: path])
      guard elapsed >= seconds || elapsed < 0 else { return false }
      state[keyPath: path] = now
      return true
    }
  }

  /// Changes an assignment unless its worker has meanwhile let go of it.
  func update(_ assignment: Assignment, _ change: (inout Assignment) -> Void) {
    state.withLock { state in
      let hold = Hold(assignment.lease)
      guard var current = state.assignments[hold] else { return }
      change(&current)
      state.assignments[hold] = current
    }
  }
}
