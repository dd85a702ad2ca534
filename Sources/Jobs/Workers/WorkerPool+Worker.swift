// What one worker thread does: claim, run, store, again.

import Foundation
import Synchronization

extension WorkerPool {
  /// Works until the pool drains, or its place was taken while its runner did not return.
  func runWorker(named worker: String) {
    var next: ClaimedJob?
    while next != nil || isRunning {
      let generation = work.generation
      do throws(JobStoreError) {
        if let claimed = if let next { next } else { try claim(as: worker) } {
          passOn()
          next = perform(claimed)
          passOn()
          if next == nil, !resume(worker) { return }
        } else {
          work.wait(after: generation, seconds: configuration.pollSeconds)
        }
      } catch {
        emit(.storeFailed(during: .claim, error))
        work.wait(after: generation, seconds: configuration.pollSeconds)
      }
    }
  }

  private var isRunning: Bool { state.withLock { $0.phase == .running } }

  private func claim(as worker: String) throws(JobStoreError) -> ClaimedJob? {
    try store.claim(
      worker: worker, limits: configuration.claimLimits, now: clock.now(),
      leaseSeconds: configuration.leaseSeconds)
  }

  /// Does a job.
  ///
  /// - Returns: the next one, where it was taken along with the end of this.
  private func perform(_ claimed: ClaimedJob) -> ClaimedJob? {
    // One that was under way goes on alone, from where it was.
    if let key = claimed.companionKey, claimed.checkpoint == nil, configuration.companionsMax > 1,
      let runner = runner as? any GroupRunner
    {
      perform(claimed, key: key, runner: runner)
      return nil
    }
    let member = hold(claimed)
    let report = runner.run(claimed, control: member.control)
    if report.outcome == .interrupted {
      storeCheckpoint(of: member.control, under: claimed.lease, clock.now())
    }
    return settle(member, report, goingOn: isRunning)
  }

  /// Begins to look after a job that was claimed.
  func hold(_ claimed: ClaimedJob) -> GroupMember {
    let control = JobControl()
    let startedAt = claimed.job.startedAt ?? clock.now()
    let isDraining = state.withLock { state in
      state.assignments[Hold(claimed.lease)] = Assignment(
        lease: claimed.lease, deadline: claimed.job.deadline, control: control,
        renewedAt: startedAt)
      return state.phase != .running
    }
    if isDraining { control.raise(.interrupted) }
    if let deadline = claimed.job.deadline { lookBy(deadline) }
    emit(.started(claimed.job))
    changes.publish(claimed.job.id)
    return GroupMember(claimed: claimed, control: control, startedAt: startedAt)
  }

  /// Wakes one idle worker, if there is any: where one job was taken there may be another, and what
  /// was held back by a job that ran may run once it has ended.
  private func passOn() {
    if work.waiterCount > 0 { work.wake() }
  }
}
