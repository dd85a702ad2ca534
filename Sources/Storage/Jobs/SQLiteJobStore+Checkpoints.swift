// Where running jobs stand, for the attempt that comes next.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  public func checkpoint(
    _ lease: JobLease, bytes: [UInt8], now: Date
  ) throws(JobStoreError) -> Bool {
    try write(.deferred) { db in
      try db.cachedStatement(
        sql: """
          INSERT OR REPLACE INTO job_checkpoints (seq, bytes, saved_at)
          SELECT seq, ?, ? FROM jobs WHERE \(LeasedRow.holder) AND lease_expires_at > ?
          """
      ).execute(
        arguments: [Data(bytes), now.microseconds] + LeasedRow.arguments(lease)
          + [now.microseconds])
      return db.changesCount > 0
    }
  }
}
