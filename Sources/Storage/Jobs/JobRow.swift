// How a job record lies in its row.

import Foundation
import GRDB
import Jobs

/// Reads jobs from rows by position: lists are long and names cost a look-up a column.
enum JobRow {
  /// The columns that `decode` reads, in its order. `position` is the table that `created_at` and
  /// `seq` are taken from, which decides the index that a list follows.
  static func columns(position: String = "jobs") -> String {
    """
    \(position).seq AS seq, \(position).created_at AS created_at, jobs.id, jobs.client,
      jobs.subject, jobs.subject_name, jobs.state, jobs.priority, jobs.method, jobs.verdict,
      jobs.residual, jobs.started_at, jobs.completed_at, jobs.deadline, jobs.attempt,
      jobs.attempts_max, jobs.revision, jobs.progress, jobs.cancel_requested,
      jobs.queue_seconds, jobs.solve_seconds, jobs.error, jobs.trace_context,
      EXISTS (SELECT 1 FROM job_labels WHERE job_labels.seq = jobs.seq) AS has_labels,
      jobs.name, jobs.batch, jobs.batch_index
    """
  }

  private static let selection = "SELECT \(columns()) FROM jobs"

  static func fetch(
    _ condition: String, _ arguments: StatementArguments, _ db: GRDB.Database
  ) throws -> Job? {
    try Row.fetchOne(
      db.cachedStatement(sql: "\(selection) WHERE \(condition)"), arguments: arguments
    ).map { try decode($0, db) }
  }

  static func fetch(id: String, _ db: GRDB.Database) throws -> Job? {
    try fetch("jobs.id = ?", [id], db)
  }

  static func fetch(sequence: Int64, _ db: GRDB.Database) throws -> Job {
    guard let job = try fetch("jobs.seq = ?", [sequence], db) else {
      throw StorageError.corrupt(detail: "the job in row \(sequence) vanished while it was read")
    }
    return job
  }

  static func decode(_ row: Row, _ db: GRDB.Database) throws -> Job {
    guard let state = JobState(rawValue: row[6]) else {
      throw StorageError.corrupt(detail: "a job is in an unknown state")
    }
    return Job(
      id: row[2], name: row[24], client: row[3], subject: row[4], subjectName: row[5],
      state: state, priority: row[7], labels: row[23] ? try labels(of: row[0], db) : [:],
      facets: JobFacets(method: row[8], verdict: row[9], residual: row[10]),
      createdAt: Date(microseconds: row[1]), startedAt: date(row[11]),
      completedAt: date(row[12]), deadline: date(row[13]), attempt: row[14],
      attemptsMax: row[15], revision: row[16], progress: try row.bytes(17),
      cancelRequested: row[18], queueSeconds: row[19], solveSeconds: row[20],
      error: try row.bytes(21), traceContext: row[22], batch: batch(row[25], row[26]))
  }

  private static func batch(_ id: String?, _ index: Int?) -> BatchPlace? {
    guard let id, let index else { return nil }
    return BatchPlace(batch: id, index: index)
  }

  private static func labels(
    of sequence: Int64, _ db: GRDB.Database
  ) throws -> [String: String] {
    var labels: [String: String] = [:]
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: "SELECT key, value FROM job_labels WHERE seq = ?"),
      arguments: [sequence])
    while let row = try rows.next() { labels[row[0]] = row[1] }
    return labels
  }

  private static func date(_ microseconds: Int64?) -> Date? {
    microseconds.map { Date(microseconds: $0) }
  }
}
