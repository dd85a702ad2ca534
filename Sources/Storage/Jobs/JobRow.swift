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

  private static let selectionByID = "SELECT \(columns()) FROM jobs WHERE jobs.id = ?"
  private static let selectionBySequence = "SELECT \(columns()) FROM jobs WHERE jobs.seq = ?"

  /// A job by id with its request and its result, where these are at most so many bytes in all: a row
  /// for each of its attempts, the oldest first, or one. A single statement, so that job, documents and
  /// history are of one moment without a transaction.
  static let recordSelection = """
    SELECT \(columns()), job_requests.document, job_results.document, \(AttemptHistory.columns)
    FROM jobs JOIN job_requests USING (seq) LEFT JOIN job_results USING (seq)
      LEFT JOIN job_attempts ON job_attempts.seq = jobs.seq
    WHERE jobs.id = ?
      AND length(job_requests.document) + COALESCE(length(job_results.document), 0) <= ?
    ORDER BY job_attempts.fence
    """
  static let labelSelection = "SELECT key, value FROM job_labels WHERE seq = ?"
  private static let documentColumns = (request: 27, result: 28)
  private static let attemptColumn = 29

  static func fetch(id: String, _ db: GRDB.Database) throws -> Job? {
    try Row.fetchOne(db.cachedStatement(sql: selectionByID), arguments: [id])
      .map { try decode($0, db) }
  }

  static func fetch(sequence: Int64, _ db: GRDB.Database) throws -> Job {
    guard let job = try find(sequence: sequence, db) else {
      throw StorageError.corrupt(detail: "the job in row \(sequence) vanished while it was read")
    }
    return job
  }

  static func find(sequence: Int64, _ db: GRDB.Database) throws -> Job? {
    try Row.fetchOne(db.cachedStatement(sql: selectionBySequence), arguments: [sequence])
      .map { try decode($0, db) }
  }

  static func decode(_ row: Row, _ db: GRDB.Database) throws -> Job {
    var job = try decode(row)
    if row[23] { job.labels = try labels(of: row[0], db) }
    return job
  }

  /// The job without its labels; column 23 says whether it has any.
  static func decode(_ row: some JobColumns) throws -> Job {
    guard let state = row.text(6).flatMap(JobState.init(rawValue:)) else {
      throw StorageError.corrupt(detail: "a job is in an unknown state")
    }
    func text(_ column: Int) throws -> String { try required(row.text(column), column) }
    func count(_ column: Int) throws -> Int { Int(try required(row.integer(column), column)) }
    func date(_ column: Int) -> Date? { row.integer(column).map { Date(microseconds: $0) } }
    return Job(
      id: try text(2), name: row.text(24), client: try text(3), subject: try text(4),
      subjectName: row.text(5), state: state, priority: try count(7),
      facets: JobFacets(method: try text(8), verdict: row.text(9), residual: row.number(10)),
      createdAt: try required(date(1), 1), startedAt: date(11), completedAt: date(12),
      deadline: date(13), attempt: try count(14), attemptsMax: try count(15),
      revision: try count(16), progress: try row.bytes(17), cancelRequested: try count(18) != 0,
      queueSeconds: row.number(19), solveSeconds: row.number(20), error: try row.bytes(21),
      traceContext: row.text(22), batch: batch(row.text(25), row.integer(26).map { Int($0) }))
  }

  /// Takes in one row of what `recordSelection` selects: of the first all but the job's labels, of the
  /// others an attempt.
  static func add(_ row: some JobColumns, to record: inout JobRecord?) throws {
    if record == nil {
      record = JobRecord(
        job: try decode(row),
        documents: JobDocuments(
          request: try row.bytes(documentColumns.request) ?? [],
          result: try row.bytes(documentColumns.result)))
    }
    if let attempt = AttemptHistory.decode(row, at: attemptColumn) {
      record?.documents.attempts.append(attempt)
    }
  }

  private static func required<Value>(_ value: Value?, _ column: Int) throws -> Value {
    guard let value else {
      throw StorageError.corrupt(detail: "a job has nothing in its column \(column)")
    }
    return value
  }

  private static func batch(_ id: String?, _ index: Int?) -> BatchPlace? {
    guard let id, let index else { return nil }
    return BatchPlace(batch: id, index: index)
  }

  static func labels(
    of sequence: Int64, _ db: GRDB.Database
  ) throws -> [String: String] {
    var labels: [String: String] = [:]
    let rows = try Row.fetchCursor(
      db.cachedStatement(sql: labelSelection), arguments: [sequence])
    while let row = try rows.next() { labels[row[0]] = row[1] }
    return labels
  }
}

/// Columns of a row by position, `nil` for NULL.
protocol JobColumns {
  func text(_ column: Int) -> String?
  func integer(_ column: Int) -> Int64?
  func number(_ column: Int) -> Double?
  func bytes(_ column: Int) throws -> [UInt8]?
}

extension DirectRow: JobColumns {}

extension Row: JobColumns {
  func text(_ column: Int) -> String? { self[column] }
  func integer(_ column: Int) -> Int64? { self[column] }
  func number(_ column: Int) -> Double? { self[column] }
}
