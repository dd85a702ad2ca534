import Jobs
import Logging

/// What becomes of the pool's events: counted, and told to the log.
struct JobEvents: Sendable {
  let metrics: ServiceMetrics
  let journal: Journal?
  let store: any JobStore
  let clock: JobClock
  let logger: Logger

  func record(_ event: PoolEvent) {
    metrics.record(event, at: clock.now())
    switch event {
    case .started(let job):
      logger.debug("inversion started", metadata: ["id": "\(job.publicID)"])
    case .settled(let job, let report, let seconds):
      journal?.record(job, report.outcome.state, report: report, seconds: seconds)
    case .grouped: break
    case .released(let id):
      logger.info("inversion handed back to the queue", metadata: ["id": "\(id)"])
    case .leaseLost(let id):
      logger.warning("a worker lost its lease", metadata: ["id": "\(id)"])
    case .unresponsive(let id):
      logger.error("a worker did not stop when told to", metadata: ["id": "\(id)"])
      tellEnds(of: [id])
    case .recovered(let recovery):
      logger.notice(
        "inversions of lost workers",
        metadata: [
          "requeued": "\(recovery.requeued.count)", "failed": "\(recovery.failed.count)",
          "canceled": "\(recovery.canceled.count)",
        ])
      tellEnds(of: recovery.failed + recovery.canceled)
    case .expired(let ids):
      tellEnds(of: ids)
    case .storeFailed(let operation, let error):
      logger.error(
        "storage failed", metadata: ["during": "\(operation.rawValue)", "error": "\(error)"])
    }
  }

  /// A line for each job that ended without a report.
  private func tellEnds(of ids: [String]) {
    guard let journal else { return }
    for id in ids {
      guard let job = try? store.find(id) else { continue }
      journal.record(job, job.state, report: nil, seconds: job.solveSeconds)
    }
  }
}
