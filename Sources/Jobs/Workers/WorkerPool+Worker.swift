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
          worker: worker, now: clock.now(), leaseSeconds: configuration.leaseSeconds)
        if let claimed {
          perform(claimed)
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
    let control = JobControl()
    let startedAt = claimed.job.startedAt ?? clock.now()
    let isDraining = state.withLock { state in
      state.assignments[claimed.lease.worker] = Assignment(
        lease: claimed.lease, deadline: claimed.job.deadline, control: control,
        renewedAt: startedAt)
      return state.phase != .running
    }
    if isDraining { control.raise(.interrupted) }
    emit(.started(claimed.job))
    changes.publish(claimed.job.id)
    let report = runner.run(claimed, control: control)
    if report.outcome == .interrupted {
      storeCheckpoint(of: control, under: claimed.lease, clock.now())
    }
    settle(claimed, report, control, startedAt)
    state.withLock { $0.assignments[claimed.lease.worker] = nil }
    changes.publish(claimed.job.id)
  }

  /// Stores how the job ended. While the storage fails the result is kept and tried again.
  private func settle(
    _ claimed: ClaimedJob, _ report: JobReport, _ control: JobControl, _ startedAt: Date
  ) {
    let lease = claimed.lease
    let state = report.outcome.state
    for attempt in 1...configuration.settleAttemptsMax {
      if control.isLeaseLost { break }
      let generation = upkeep.generation
      do throws(JobStoreError) {
        let now = clock.now()
        guard try store.finish(lease, report: report, now: now) else { break }
        if state == .queued {
          emit(.released(jobID: lease.jobID))
        } else {
          emit(.settled(claimed.job, report, seconds: now.timeIntervalSince(startedAt)))
        }
        return
      } catch {
        emit(.storeFailed(during: state == .queued ? .release : .finish, error))
      }
      if attempt < configuration.settleAttemptsMax {
        upkeep.wait(after: generation, seconds: configuration.pollSeconds)
      }
    }
    emit(.leaseLost(jobID: lease.jobID))
  }
}
