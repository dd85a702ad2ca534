// What became of each time that a job was taken.

import Foundation
import GRDB
import Jobs

/// Writes and reads the rows of `job_attempts`, one for each fence of a job.
enum AttemptHistory {
  /// A worker has just taken the job.
  static func begin(
    _ sequence: Int64, fence: Int, number: Int, worker: String, _ now: Date, _ db: GRDB.Database
  ) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO job_attempts (seq, fence, number, worker, started_at) VALUES (?, ?, ?, ?, ?)
        """
    ).execute(arguments: [sequence, fence, number, worker, now.microseconds])
    guard fence > JobAttempt.keptMax else { return }
    try db.cachedStatement(sql: "DELETE FROM job_attempts WHERE seq = ? AND fence <= ?")
      .execute(arguments: [sequence, fence - JobAttempt.keptMax])
  }

  /// The attempt that was under way is over.
  static func end(
    _ sequence: Int64, _ ending: JobAttempt.Ending, isCounted: Bool = true, _ now: Date,
    _ db: GRDB.Database
  ) throws {
    try db.cachedStatement(
      sql: """
        UPDATE job_attempts SET ended_at = ?, ending = ?, counted = ?
        WHERE seq = ? AND ended_at IS NULL
        """
    ).execute(arguments: [now.microseconds, ending.rawValue, isCounted, sequence])
  }

  /// The columns that `decode` reads, in its order.
  static let columns = """
    job_attempts.number, job_attempts.worker, job_attempts.started_at, job_attempts.ended_at,
      job_attempts.ending, job_attempts.counted
    """

  /// Of a job by its row: all that are kept, the oldest first.
  static func fetch(_ sequence: Int64, _ db: GRDB.Database) throws -> [JobAttempt] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT \(columns) FROM job_attempts WHERE seq = ? ORDER BY fence"),
      arguments: [sequence])
    var attempts: [JobAttempt] = []
    while let row = try rows.next() {
      if let attempt = decode(row, at: 0) { attempts.append(attempt) }
    }
    return attempts
  }

  /// The attempt whose `columns` begin at `first`; `nil` where a job has none.
  static func decode(_ row: some JobColumns, at first: Int) -> JobAttempt? {
    guard let number = row.integer(first), let worker = row.text(first + 1),
      let startedAt = row.integer(first + 2)
    else { return nil }
    return JobAttempt(
      number: Int(number), worker: worker, startedAt: Date(microseconds: startedAt),
      endedAt: row.integer(first + 3).map { Date(microseconds: $0) },
      ending: row.text(first + 4).flatMap(JobAttempt.Ending.init(rawValue:)),
      isCounted: row.integer(first + 5) == 1)
  }
}
