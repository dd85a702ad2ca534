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

  /// Of a job by its row: all that are kept, the oldest first.
  static let selection = """
    SELECT number, worker, started_at, ended_at, ending, counted FROM job_attempts
    WHERE seq = ? ORDER BY fence
    """

  static func fetch(_ sequence: Int64, _ db: GRDB.Database) throws -> [JobAttempt] {
    let rows = try Row.fetchCursor(db.cachedStatement(sql: selection), arguments: [sequence])
    var attempts: [JobAttempt] = []
    while let row = try rows.next() {
      if let attempt = decode(row) { attempts.append(attempt) }
    }
    return attempts
  }

  /// What `selection` selects.
  static func decode(_ row: some JobColumns) -> JobAttempt? {
    guard let number = row.integer(0), let worker = row.text(1), let startedAt = row.integer(2)
    else { return nil }
    return JobAttempt(
      number: Int(number), worker: worker, startedAt: Date(microseconds: startedAt),
      endedAt: row.integer(3).map { Date(microseconds: $0) },
      ending: row.text(4).flatMap(JobAttempt.Ending.init(rawValue:)),
      isCounted: row.integer(5) == 1)
  }
}
