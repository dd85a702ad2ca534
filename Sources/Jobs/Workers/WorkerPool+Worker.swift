// What one worker thread does: claim, run, store, again.

import Foundation
import Synchronization

extension WorkerPool {
  /// Works until the pool drains, or its place was taken while its runner did not return.
  func runWorker(named worker: String) {
    var next: GroupMember?
    while next != nil || isRunning {
      let generation = work.generation
      do throws(JobStoreError) {
        if let member = if let next { next } else { try claim(as: worker) } {
          passOn()
          next = perform(member)
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

  private func claim(as worker: String) throws(JobStoreError) -> GroupMember? {
    try taking { () throws(JobStoreError) in
      try store.claim(
        worker: worker, limits: configuration.claimLimits, now: clock.now(),
        leaseSeconds: configuration.leaseSeconds
      ).map(hold)
    } ?? nil
  }

  /// Takes jobs from the store and holds them, as one step to a drain: it finds them held, or waiting.
  ///
  /// - Returns: `nil`, with nothing taken, unless the pool runs.
  func taking<Value>(
    _ body: () throws(JobStoreError) -> Value
  ) throws(JobStoreError) -> Value? {
    let isRunning = state.withLock { state in
      guard state.phase == .running else { return false }
      takings.enter()
      return true
    }
    guard isRunning else { return nil }
    defer { takings.leave() }
    return try body()
  }

  /// Does a job.
  ///
  /// - Returns: the next one, where it was taken along with the end of this.
  private func perform(_ member: GroupMember) -> GroupMember? {
    let claimed = member.claimed
    // One that was under way goes on alone, from where it was.
    if let key = claimed.companionKey, claimed.checkpoint == nil, configuration.companionsMax > 1,
      let runner = runner as? any GroupRunner
    {
      perform(member, key: key, runner: runner)
      return nil
    }
    let report = runner.run(claimed, control: member.control)
    return settle(member, report, goingOn: true)
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
