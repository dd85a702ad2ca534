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
    guard isNeeded || scope == .everyRunningJob else { return JobRecovery() }
    return try write(.flushed) { db in
      var recovery = JobRecovery()
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT seq, id, cancel_requested, attempt >= attempts_max FROM jobs
          WHERE \(condition) ORDER BY seq
          """)
      let loss = Loss(scope, jobCount: rows.count)
      for row in rows {
        let sequence: Int64 = row[0]
        try AttemptHistory.end(sequence, loss.ending, isCounted: loss.isCounted, now, db)
        if row[2] {
          try end(sequence, as: .canceled, error: nil, now, db)
          recovery.canceled.append(row[1])
        } else if loss.isCounted, row[3] {
          try end(sequence, as: .failed, error: error, now, db)
          recovery.failed.append(row[1])
        } else {
          try requeue(sequence, attemptsBack: loss.isCounted ? 0 : 1, now, db)
          if loss.ending == .processDied { try suspect(sequence, db) }
          recovery.requeued.append(row[1])
        }
      }
      if scope == .everyRunningJob { try forgetTurnsToCome(now, db) }
      return recovery
    }
  }

  /// How jobs were lost, and whether they are charged with it.
  private struct Loss {
    var ending: JobAttempt.Ending
    var isCounted: Bool

    init(_ scope: RecoveryScope, jobCount: Int) {
      switch scope {
      case .expiredLeases:
        ending = .leaseLost
        isCounted = true
      case .everyRunningJob:
        ending = .processDied
        // Of several that ran, any may have ended the process.
        isCounted = jobCount == 1
      }
    }
  }

  private func suspect(_ sequence: Int64, _ db: GRDB.Database) throws {
    try db.cachedStatement(sql: "UPDATE jobs SET suspect = 1 WHERE seq = ?")
      .execute(arguments: [sequence])
  }

  /// A clock that was set back while no process ran must not hold up what waited or was served by
  /// it: all that is yet to come is now.
  private func forgetTurnsToCome(_ now: Date, _ db: GRDB.Database) throws {
    try db.execute(
      sql: """
        UPDATE jobs SET line_key = :now - head_start
        WHERE state = 'queued' AND line_key > :now - head_start
        """, arguments: ["now": now.microseconds])
    try db.execute(
      sql: """
        UPDATE clients SET served_at = MIN(served_at, :now),
          head_key = (SELECT MAX(line_key, MIN(clients.served_at, :now) - head_start)
            FROM jobs INDEXED BY jobs_line WHERE client = clients.name AND state = 'queued'
            ORDER BY line_key, seq LIMIT 1)
        WHERE head_key IS NOT NULL OR served_at > :now
        """, arguments: ["now": now.microseconds])
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
      let rows = try Row.fetchAll(
        db, sql: "SELECT seq, id FROM \(source) ORDER BY deadline LIMIT ?",
        arguments: [Self.expiredTogetherMax])
      for row in rows { try end(row[0], as: .expired, error: nil, now, db) }
      return rows.map { $0[1] }
    }
  }

  /// Jobs that one transaction expires: some milliseconds for which others wait.
  private static let expiredTogetherMax = 256

  public func earliestDeadline() throws(JobStoreError) -> Date? {
    try readStatement { db in
      try Int64.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT deadline FROM jobs INDEXED BY jobs_deadline
            WHERE state = 'queued' AND deadline IS NOT NULL ORDER BY deadline LIMIT 1
            """)
      ).map { Date(microseconds: $0) }
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
