// What a worker does when it holds several jobs.

import Foundation
import Synchronization

extension WorkerPool {
  /// Does a job and its companions.
  func perform(_ member: GroupMember, key: String, runner: any GroupRunner) {
    let group = JobGroup(member, key: key, pool: self)
    runner.run(group)
    group.disband()
    emit(.grouped(jobCount: group.taken))
  }

  /// More jobs for a worker that has one with this key.
  func claimCompanions(of key: String, countMax: Int, worker: String) -> [GroupMember] {
    let idle = state.withLock { state in
      configuration.workerCount + state.replaced.count - state.busyWorkers.count
    }
    do throws(JobStoreError) {
      return try taking { () throws(JobStoreError) in
        try store.claimCompanions(
          CompanionRequest(
            key: key, countMax: countMax, workerCount: 1 + max(idle, 0),
            limits: configuration.claimLimits),
          worker: worker, now: clock.now(), leaseSeconds: configuration.leaseSeconds
        ).map(hold)
      } ?? []
    } catch {
      emit(.storeFailed(during: .claim, error))
      return []
    }
  }
}
