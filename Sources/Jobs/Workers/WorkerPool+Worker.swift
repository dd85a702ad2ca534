// What one worker thread does: claim, run, store, again.

import Foundation
import Synchronization

extension WorkerPool {
  /// Works until the pool drains.
  func runWorker(named worker: String) {
    var next: ClaimedJob?
    while next != nil || isRunning {
      let generation = work.generation
      do throws(JobStoreError) {
        if let claimed = if let next { next } else { try claim(as: worker) } {
          passOn()
          next = perform(claimed)
          passOn()
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
    let next = settle(member, report, goingOn: isRunning)
    letGo(of: claimed)
    return next
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

  /// Looks after a job no longer: it was stored how it ended, or it is lost.
  func letGo(of claimed: ClaimedJob) {
    state.withLock { $0.assignments[Hold(claimed.lease)] = nil }
    changes.publish(claimed.job.id)
  }

  /// Wakes one idle worker, if there is any: where one job was taken there may be another, and what
  /// was held back by a job that ran may run once it has ended.
  private func passOn() {
    if work.waiterCount > 0 { work.wake() }
  }

  /// Stores how the job ended. While the storage fails the result is kept and tried again.
  ///
  /// - Parameter goingOn: whether to take the next job in the same write.
  /// - Returns: the next job, if one was taken.
  @discardableResult
  func settle(_ member: GroupMember, _ report: JobReport, goingOn: Bool = false) -> ClaimedJob? {
    let control = member.control
    let isReleased = report.outcome.state == .queued
    var goesOn = goingOn && !isReleased
    let triedFrom = clock.now()
    while !control.isLeaseLost,
      clock.now().timeIntervalSince(triedFrom) <= configuration.settleSecondsMax
    {
      let generation = upkeep.generation
      do throws(JobStoreError) {
        let ending = JobEnding(lease: member.claimed.lease, report: report)
        let (isEnded, next) = try goesOn ? finishAndClaim(ending) : (finish(ending), nil)
        guard isEnded else { break }
        noteEnd(of: member.claimed, report, at: clock.now(), startedAt: member.startedAt)
        return next
      } catch {
        emit(.storeFailed(during: isReleased ? .release : .finish, error))
        // What keeps the next job from being taken must not keep this one from being stored.
        goesOn = false
      }
      upkeep.wait(after: generation, seconds: configuration.pollSeconds)
    }
    emit(.leaseLost(jobID: member.id))
    return nil
  }

  /// Tells that it was stored how a job ended.
  func noteEnd(of claimed: ClaimedJob, _ report: JobReport, at now: Date, startedAt: Date) {
    if report.outcome.state == .queued {
      emit(.released(jobID: claimed.job.id))
    } else {
      emit(.settled(claimed.job, report, seconds: now.timeIntervalSince(startedAt)))
    }
  }

  private func finishAndClaim(
    _ ending: JobEnding
  ) throws(JobStoreError) -> (isEnded: Bool, next: ClaimedJob?) {
    let answer = try store.finish(
      ending, claimingNextWithin: configuration.claimLimits, now: clock.now(),
      leaseSeconds: configuration.leaseSeconds)
    return answer.isEnded ? answer : (try finish(ending), nil)
  }
}
