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

  /// All that are kept, the oldest first.
  static func fetch(_ sequence: Int64, _ db: GRDB.Database) throws -> [JobAttempt] {
    try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT number, worker, started_at, ended_at, ending, counted FROM job_attempts
          WHERE seq = ? ORDER BY fence
          """), arguments: [sequence]
    ).map { row in
      let endedAt: Int64? = row[3]
      let ending: String? = row[4]
      return JobAttempt(
        number: row[0], worker: row[1], startedAt: Date(microseconds: row[2]),
        endedAt: endedAt.map { Date(microseconds: $0) },
        ending: ending.flatMap(JobAttempt.Ending.init(rawValue:)), isCounted: row[5])
    }
  }
}
