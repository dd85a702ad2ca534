// How jobs end or wait again without their worker: cancellation, deadlines, recovery.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  public func requestCancel(_ id: String, now: Date) throws(JobStoreError) -> Job {
    try write(.flushed) { db in
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT seq, state FROM jobs WHERE id = ?"), arguments: [id])
      else { throw JobStoreError.jobMissing(id: id) }
      let sequence: Int64 = row[0]
      switch JobState(rawValue: row[1]) {
      case .queued:
        try end(sequence, as: .canceled, error: nil, now, db)
      case .running:
        try askToStop(sequence, db)
      case .succeeded, .failed, .canceled, .expired, nil:
        break
      }
      return try JobRow.fetch(sequence: sequence, db)
    }
  }

  public func recoverAbandoned(
    _ scope: RecoveryScope, error: [UInt8], now: Date
  ) throws(JobStoreError) -> JobRecovery {
    let condition =
      switch scope {
      case .expiredLeases: "state = 'running' AND lease_expires_at <= \(now.microseconds)"
      case .everyRunningJob: "state = 'running'"
      }
    let isNeeded = try read { db in
      try Int64.fetchOne(db, sql: "SELECT seq FROM jobs WHERE \(condition) LIMIT 1") != nil
    }
    guard isNeeded else { return JobRecovery() }
    return try write(.flushed) { db in
      var recovery = JobRecovery()
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT seq, id, cancel_requested, attempt >= attempts_max FROM jobs
          WHERE \(condition) ORDER BY seq
          """)
      for row in rows {
        let sequence: Int64 = row[0]
        if row[2] {
          try end(sequence, as: .canceled, error: nil, now, db)
          recovery.canceled.append(row[1])
        } else if row[3] {
          try end(sequence, as: .failed, error: error, now, db)
          recovery.failed.append(row[1])
        } else {
          try requeue(sequence, attemptsBack: 0, now, db)
          recovery.requeued.append(row[1])
        }
      }
      return recovery
    }
  }

  public func expireDeadlines(now: Date) throws(JobStoreError) -> [String] {
    let source = """
      jobs INDEXED BY jobs_deadline
      WHERE state = 'queued' AND deadline IS NOT NULL AND deadline <= \(now.microseconds)
      """
    let isNeeded = try read { db in
      try Int64.fetchOne(db, sql: "SELECT seq FROM \(source) LIMIT 1") != nil
    }
    guard isNeeded else { return [] }
    return try write(.flushed) { db in
      let rows = try Row.fetchAll(db, sql: "SELECT seq, id FROM \(source)")
      for row in rows { try end(row[0], as: .expired, error: nil, now, db) }
      return rows.map { $0[1] }
    }
  }

  /// Leaves word for the worker that holds a running job.
  func askToStop(_ sequence: Int64, _ db: GRDB.Database) throws {
    try db.cachedStatement(
      sql: """
        UPDATE jobs SET cancel_requested = 1, revision = revision + 1
        WHERE seq = ? AND cancel_requested = 0
        """
    ).execute(arguments: [sequence])
  }

  /// Moves an unfinished job to a final state without a report.
  func end(
    _ sequence: Int64, as state: JobState, error: [UInt8]?, _ now: Date, _ db: GRDB.Database
  ) throws {
    try db.cachedStatement(
      sql: """
        UPDATE jobs SET state = ?, completed_at = ?, error = ?, worker = NULL,
          lease_expires_at = NULL, revision = revision + 1,
          cancel_requested = cancel_requested OR ?
        WHERE seq = ?
        """
    ).execute(arguments: [
      state.rawValue, now.microseconds, error.map { Data($0) }, state == .canceled, sequence,
    ])
  }

  /// Puts a running job back into the queue, at its old place.
  func requeue(
    _ sequence: Int64, attemptsBack: Int, _ now: Date, _ db: GRDB.Database
  ) throws {
    try db.cachedStatement(
      sql: """
        UPDATE jobs SET state = 'queued', attempt = attempt - ?, queued_at = ?,
          worker = NULL, lease_expires_at = NULL, revision = revision + 1
        WHERE seq = ?
        """
    ).execute(arguments: [attemptsBack, now.microseconds, sequence])
  }
}
