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
    for assignment in held { attend(to: assignment, now) }
    if isExpiryDue(now) { expire(now) }
    if isDue(\.lastRecoveryAt, every: configuration.leaseSeconds / 2, now) { recover(now) }
  }

  private func attend(to assignment: Assignment, _ now: Date) {
    let control = assignment.control
    if let deadline = assignment.deadline, deadline <= now { control.raise(.deadlinePassed) }
    let progress = control.takeProgress()
    let silence = now.timeIntervalSince(assignment.renewalTriedAt)
    // A negative silence means that the clock was set back: the lease must follow it.
    if progress != nil || silence >= configuration.heartbeatSeconds || silence < 0 {
      renew(assignment, progress, now)
    }
    storeCheckpoint(of: assignment.control, under: assignment.lease, now)
    guard control.isCanceled || control.isDeadlinePassed else { return }
    guard let toldAt = assignment.toldToStopAt else {
      update(assignment) { $0.toldToStopAt = now }
      return
    }
    if now.timeIntervalSince(toldAt) >= configuration.unresponsiveSeconds {
      endWithoutRunner(assignment, now)
    }
  }

  private func renew(_ assignment: Assignment, _ progress: [UInt8]?, _ now: Date) {
    update(assignment) { $0.renewalTriedAt = now }
    do throws(JobStoreError) {
      let standing = try store.renew(
        assignment.lease, progress: progress, now: now, leaseSeconds: configuration.leaseSeconds)
      switch standing {
      case .held: break
      case .cancelRequested: assignment.control.raise(.canceled)
      // The worker says so when it returns; until then its job is somebody else's affair.
      case .lost: assignment.control.raise(.leaseLost)
      }
      if progress != nil, standing != .lost { changes.publish(assignment.jobID) }
    } catch {
      // Once more after `pollSeconds`, well before the lease expires.
      let early = configuration.heartbeatSeconds - configuration.pollSeconds
      update(assignment) { $0.renewalTriedAt = now.addingTimeInterval(-max(early, 0)) }
      emit(.storeFailed(during: .renew, error))
    }
  }

  /// Ends the job of a runner that does not listen; its thread stays occupied until it returns.
  private func endWithoutRunner(_ assignment: Assignment, _ now: Date) {
    let outcome: JobOutcome = assignment.control.isCanceled ? .canceled : .expired
    do throws(JobStoreError) {
      let isEnded = try store.finish(
        assignment.lease, report: JobReport(outcome: outcome), now: now)
      assignment.control.raise(.leaseLost)
      update(assignment) { $0.isDisowned = true }
      guard isEnded else { return }
      emit(.unresponsive(jobID: assignment.jobID))
      changes.publish(assignment.jobID)
    } catch {
      emit(.storeFailed(during: .finish, error))
    }
  }

  private func recover(_ now: Date) {
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
  private func update(_ assignment: Assignment, _ change: (inout Assignment) -> Void) {
    state.withLock { state in
      let hold = Hold(assignment.lease)
      guard var current = state.assignments[hold] else { return }
      change(&current)
      state.assignments[hold] = current
    }
  }
}
