// Keeps where running jobs stand, so that another attempt need not begin anew.

import Foundation
import Synchronization

extension WorkerPool {
  /// Stores the newest checkpoint, if there is one since the last. One that could not be stored is
  /// lost: the earlier one stands, and another comes.
  func storeCheckpoint(of control: JobControl, under lease: JobLease, _ now: Date) {
    control.checkpointTurn.withLock { _ in
      guard let bytes = control.takeCheckpoint(), !control.isLeaseLost else { return }
      do throws(JobStoreError) {
        if try store.checkpoint(lease, bytes: bytes, now: now) { return }
        if try keep(lease, now), try store.checkpoint(lease, bytes: bytes, now: now) { return }
        // The worker says so when it returns.
        control.raise(.leaseLost)
      } catch {
        emit(.storeFailed(during: .checkpoint, error))
      }
    }
  }
}
