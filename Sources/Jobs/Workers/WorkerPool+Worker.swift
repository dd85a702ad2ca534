// What one worker thread does: claim, run, store, again.

import Foundation
import Synchronization

extension WorkerPool {
  /// Works until the pool drains.
  func runWorker(named worker: String) {
    while state.withLock({ $0.phase == .running }) {
      let generation = work.generation
      do throws(JobStoreError) {
        let claimed = try store.claim(
          worker: worker, limits: configuration.claimLimits, now: clock.now(),
          leaseSeconds: configuration.leaseSeconds)
        if let claimed {
          passOn()
          perform(claimed)
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

  private func perform(_ claimed: ClaimedJob) {
    // One that was under way goes on alone, from where it was.
    if let key = claimed.companionKey, claimed.checkpoint == nil, configuration.companionsMax > 1,
      let runner = runner as? any GroupRunner
    {
      return perform(claimed, key: key, runner: runner)
    }
    let member = hold(claimed)
    let report = runner.run(claimed, control: member.control)
    if report.outcome == .interrupted {
      storeCheckpoint(of: member.control, under: claimed.lease, clock.now())
    }
    settle(claimed, report, member.control, member.startedAt)
    letGo(of: claimed)
  }

  /// Begins to look after a job that was claimed.
  func hold(_ claimed: ClaimedJob) -> GroupMember {
    let control = JobControl()
    let startedAt = claimed.job.startedAt ?? clock.now()
    let isDraining = state.withLock { state in
      state.assignments[Hold(claimed.lease)] = Assignment(
        lease: claimed.lease, deadline: claimed.job.deadline, control: control,
        renewalTriedAt: startedAt)
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
  func settle(
    _ claimed: ClaimedJob, _ report: JobReport, _ control: JobControl, _ startedAt: Date
  ) {
    let lease = claimed.lease
    let state = report.outcome.state
    let triedFrom = clock.now()
    while !control.isLeaseLost,
      clock.now().timeIntervalSince(triedFrom) <= configuration.settleSecondsMax
    {
      let generation = upkeep.generation
      do throws(JobStoreError) {
        guard try finish(lease, report) else { break }
        noteEnd(of: claimed, report, at: clock.now(), startedAt: startedAt)
        return
      } catch {
        emit(.storeFailed(during: state == .queued ? .release : .finish, error))
      }
      upkeep.wait(after: generation, seconds: configuration.pollSeconds)
    }
    emit(.leaseLost(jobID: lease.jobID))
  }

  /// Tells that it was stored how a job ended.
  func noteEnd(of claimed: ClaimedJob, _ report: JobReport, at now: Date, startedAt: Date) {
    if report.outcome.state == .queued {
      emit(.released(jobID: claimed.job.id))
    } else {
      emit(.settled(claimed.job, report, seconds: now.timeIntervalSince(startedAt)))
    }
  }

  /// Ends the attempt, if the job is still this worker's: also when the lease has expired by a pause
  /// of the process, a jump of the clock or a long failure of the storage.
  private func finish(_ lease: JobLease, _ report: JobReport) throws(JobStoreError) -> Bool {
    if try store.finish(lease, report: report, now: clock.now()) { return true }
    let now = clock.now()
    let standing = try store.renew(
      lease, progress: nil, now: now, leaseSeconds: configuration.leaseSeconds)
    return standing == .lost ? false : try store.finish(lease, report: report, now: now)
  }
}
