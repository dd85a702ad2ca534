// What a worker does when it holds several jobs.

import Foundation
import Synchronization

extension WorkerPool {
  /// Does a job and its companions.
  func perform(_ claimed: ClaimedJob, key: String, runner: any GroupRunner) {
    let group = JobGroup(claimed, key: key, pool: self)
    runner.run(group)
    group.disband()
    emit(.grouped(jobCount: group.taken))
  }

  /// More jobs for a worker that has one with this key.
  func claimCompanions(of key: String, countMax: Int, worker: String) -> [ClaimedJob] {
    let idle = state.withLock { state in
      state.phase == .running ? configuration.workerCount - state.busyWorkers.count : nil
    }
    // A pool that drains begins nothing.
    guard let idle else { return [] }
    do throws(JobStoreError) {
      return try store.claimCompanions(
        CompanionRequest(
          key: key, countMax: countMax, workerCount: 1 + max(idle, 0),
          limits: configuration.claimLimits),
        worker: worker, now: clock.now(), leaseSeconds: configuration.leaseSeconds)
    } catch {
      emit(.storeFailed(during: .claim, error))
      return []
    }
  }

  /// Stores how several jobs ended, in one transaction where the storage lets it.
  func settle(_ endings: [(member: GroupMember, report: JobReport)]) {
    let held = endings.filter { !$0.member.control.isLeaseLost }
    for (member, _) in endings where member.control.isLeaseLost {
      emit(.leaseLost(jobID: member.id))
    }
    guard held.count > 1 else { return settleEach(held) }
    let now = clock.now()
    do throws(JobStoreError) {
      let isEnded = try store.finish(
        held.map { JobEnding(lease: $0.member.claimed.lease, report: $0.report) }, now: now)
      for ((member, report), isEnded) in zip(held, isEnded) {
        if isEnded {
          noteEnd(of: member.claimed, report, at: now, startedAt: member.startedAt)
        } else {
          // Its lease has expired, and may yet be renewed.
          settle(member, report)
        }
      }
    } catch {
      emit(.storeFailed(during: .finish, error))
      // One job that cannot be stored must not keep the others.
      settleEach(held)
    }
  }

  private func settleEach(_ endings: [(member: GroupMember, report: JobReport)]) {
    for (member, report) in endings { settle(member, report) }
  }
}
