import Dispatch
import Foundation
import Jobs
import Logging
import Storage
import Synchronization

/// Removes what is kept no longer, every now and then, on a thread of its own while it does.
final class StorageUpkeep: Sendable {
  private let retention: Retention
  private let clock: JobClock
  private let seconds: Double
  private let logger: Logger
  private let queue = DispatchQueue(label: "preimage.storage-upkeep", qos: .background)
  private let isStopped = Atomic<Bool>(false)

  /// - Parameter seconds: between two passes.
  init(_ retention: Retention, every seconds: Double, clock: JobClock, logger: Logger) {
    self.retention = retention
    self.seconds = seconds
    self.clock = clock
    self.logger = logger
  }

  /// Begins with a pass.
  func start() { schedule(after: 0) }

  /// Returns when no pass is under way any more.
  func stop() {
    isStopped.store(true, ordering: .relaxed)
    queue.sync {}
  }

  private func schedule(after delay: Double) {
    queue.asyncAfter(deadline: .now() + delay) { [weak self] in
      guard let self, !isStopped.load(ordering: .relaxed) else { return }
      pass()
      schedule(after: seconds)
    }
  }

  private func pass() {
    do {
      let report = try retention.pass(now: clock.now()) { isStopped.load(ordering: .relaxed) }
      guard report != RetentionReport() else { return }
      logger.info(
        "stored inversions were removed",
        metadata: [
          "expired": "\(report.expired)", "displaced": "\(report.displaced)",
          "pages_freed": "\(report.pagesFreed)",
        ])
    } catch {
      logger.error("upkeep of the storage failed", metadata: ["error": "\(error)"])
    }
  }
}
