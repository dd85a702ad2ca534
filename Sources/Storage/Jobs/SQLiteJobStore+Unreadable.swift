// What becomes of a waiting job whose documents cannot be read any more.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  /// Does what comes upon the documents of the next job. Where these lie on a damaged page, that job
  /// fails and it is tried once more.
  ///
  /// SQLite allows no write in a transaction that came upon damage, so this takes two others.
  func passingDamage<Value>(
    _ limits: ClaimLimits, _ now: Date, _ body: () throws(JobStoreError) -> Value
  ) throws(JobStoreError) -> Value {
    do {
      return try body()
    } catch {
      guard case .unavailable(let failure) = error, failure.kind == .corrupt,
        let sequence = try damagedHead(limits, now)
      else { throw error }
      try failUnread(sequence, now)
      return try body()
    }
  }

  /// The job whose turn it is, if its documents cannot be read.
  private func damagedHead(_ limits: ClaimLimits, _ now: Date) throws(JobStoreError) -> Int64? {
    // Without a transaction: one that came upon damage cannot be ended well.
    try readStatement { db in
      guard let sequence = try WaitingLine.next(limits, now, db) else { return nil }
      do {
        // All that taking it reads.
        guard try JobContents.read(sequence, db) != nil else { return sequence }
        _ = try JobRow.find(sequence: sequence, db)
        return nil
      } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
        return sequence
      }
    }
  }

  /// Fails a waiting job as if a worker had taken it, which is the one way from the queue to there.
  private func failUnread(_ sequence: Int64, _ now: Date) throws(JobStoreError) {
    try write(.flushed) { db in
      try db.execute(
        sql: """
          UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1, worker = '',
            lease_expires_at = 0, started_at = ?
          WHERE seq = ? AND state = 'queued'
          """, arguments: [now.microseconds, sequence])
      guard db.changesCount > 0 else { return }
      try end(sequence, as: .failed, error: UnreadableJob.error, now, db)
    }
  }
}

/// A job that cannot be done because what it asks for is lost. It must not stop those behind it.
enum UnreadableJob {
  /// How many of them one write may end.
  static let passedMax = 16

  /// Why it failed: opaque to the store, in the form of what the service says of other failures.
  static let error = Array(
    """
    {"type":"urn:preimage:problem:request_lost","title":"Internal Server Error","status":500,\
    "detail":"The request or the input of this inversion can no longer be read: the database is \
    damaged. Submit it again, and check the database.","code":"request_lost"}
    """.utf8)
}
