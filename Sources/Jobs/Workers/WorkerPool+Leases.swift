// Keeps the leases of what runs, and tells one that has expired from one that is lost.

import Foundation
import Synchronization

extension WorkerPool {
  /// Renews the leases that are due, in one write however many a worker holds: each write may have to
  /// wait for the storage, and deadlines wait with it.
  func renewLeases(of held: [Assignment], _ now: Date) {
    let due = held.compactMap { assignment -> (assignment: Assignment, renewal: LeaseRenewal)? in
      let progress = assignment.control.takeProgress()
      guard !assignment.control.isLeaseLost, progress != nil || isDue(assignment, now) else {
        return nil
      }
      return (assignment, LeaseRenewal(lease: assignment.lease, progress: progress))
    }
    guard !due.isEmpty else { return }
    noteTurn()
    do throws(JobStoreError) {
      let standings = try store.renew(
        due.map(\.renewal), now: now, leaseSeconds: configuration.leaseSeconds)
      for ((assignment, renewal), standing) in zip(due, standings) {
        note(standing, of: assignment, now)
        if renewal.progress != nil, standing != .lost { changes.publish(assignment.jobID) }
      }
    } catch {
      for (assignment, _) in due { update(assignment) { $0.isRenewalDue = true } }
      emit(.storeFailed(during: .renew, error))
    }
  }

  private func isDue(_ assignment: Assignment, _ now: Date) -> Bool {
    let silence = now.timeIntervalSince(assignment.renewedAt)
    // A negative silence means that the clock was set back: the lease must follow it.
    return assignment.isRenewalDue || silence >= configuration.heartbeatSeconds || silence < 0
  }

  private func note(_ standing: LeaseStanding, of assignment: Assignment, _ now: Date) {
    update(assignment) {
      $0.renewedAt = now
      $0.isRenewalDue = false
    }
    switch standing {
    case .held: break
    case .cancelRequested: assignment.control.raise(.canceled)
    // The worker says so when it returns; until then its job is somebody else's affair.
    case .lost: assignment.control.raise(.leaseLost)
    }
  }

  /// Whether a lease that is held could not be renewed when it should have been.
  var isRenewalDue: Bool {
    state.withLock { state in
      state.assignments.values.contains {
        $0.isRenewalDue && !$0.isDisowned && !$0.control.isLeaseLost
      }
    }
  }

  /// Keeps a lease under which nothing was written: it may have expired by a pause of the process, a
  /// jump of the clock or a long failure of the storage.
  ///
  /// - Returns: `false` when it is lost.
  func keep(_ lease: JobLease, _ now: Date) throws(JobStoreError) -> Bool {
    try store.renew(
      lease, progress: nil, now: now, leaseSeconds: configuration.leaseSeconds) != .lost
  }

  /// Ends the attempt, if the job is still this worker's: also when the lease has expired.
  func finish(_ ending: JobEnding) throws(JobStoreError) -> Bool {
    let (lease, report) = (ending.lease, ending.report)
    if try store.finish(lease, report: report, now: clock.now()) { return true }
    let now = clock.now()
    guard try keep(lease, now) else { return false }
    return try store.finish(lease, report: report, now: now)
  }
}
