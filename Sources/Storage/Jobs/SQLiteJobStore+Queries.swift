// Finding past and present jobs.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  public func find(_ id: String) throws(JobStoreError) -> Job? {
    try readStatement { db in try JobRow.fetch(id: id, db) }
  }

  public func record(of id: String) throws(JobStoreError) -> JobRecord? {
    try readStatement { db in
      // A cursor's row is the statement's own: nothing is copied but what is taken.
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: JobRow.recordSelection), arguments: [id, Int.max])
      var record: JobRecord?
      var labelled: Int64?
      while let row = try rows.next() {
        if record == nil, row[23] { labelled = row[0] }
        try JobRow.add(row, to: &record)
      }
      if let labelled { record?.job.labels = try JobRow.labels(of: labelled, db) }
      return record
    }
  }

  public func list(_ query: JobQuery, page: PageRequest) throws(JobStoreError) -> JobPage {
    guard page.hasValidSize else { throw .pageSizeInvalid(size: page.size) }
    let selection = JobSelection(query)
    var position: PagePosition?
    if let token = page.token {
      do throws(PagePosition.Refusal) {
        position = try PagePosition(token: token, filters: selection.filters)
      } catch {
        throw .pageTokenInvalid(reason: error.reason)
      }
    }
    let (sql, arguments) = selection.statement(after: position, limit: page.size + 1)
    return try read { db in
      var jobs: [Job] = []
      var last: PagePosition?
      let rows = try Row.fetchCursor(
        db.cachedStatement(sql: sql), arguments: arguments)
      while let row = try rows.next() {
        guard jobs.count < page.size else {
          return JobPage(jobs: jobs, nextToken: last?.token(filters: selection.filters))
        }
        jobs.append(try JobRow.decode(row, db))
        last = PagePosition(createdAt: row[1], sequence: row[0])
      }
      return JobPage(jobs: jobs, nextToken: nil)
    }
  }

  public func documents(of ids: [String]) throws(JobStoreError) -> [String: JobDocuments] {
    try read { db in
      let statement = try db.cachedStatement(
        sql: """
          SELECT jobs.seq, jobs.fence, job_requests.document, job_results.document FROM jobs
          JOIN job_requests USING (seq) LEFT JOIN job_results USING (seq) WHERE jobs.id = ?
          """)
      var documents: [String: JobDocuments] = [:]
      for id in ids {
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { continue }
        documents[id] = try Self.documents(row, at: 1, of: row[0], db)
      }
      return documents
    }
  }

  /// Reads a job's fence, request and result, which are the columns from `column` on.
  private static func documents(
    _ row: Row, at column: Int, of sequence: Int64, _ db: GRDB.Database
  ) throws -> JobDocuments {
    let wasTaken: Bool = row[column] as Int > 0
    return JobDocuments(
      request: try row.bytes(column + 1) ?? [], result: try row.bytes(column + 2),
      attempts: wasTaken ? try AttemptHistory.fetch(sequence, db) : [])
  }

  public func input(of id: String) throws(JobStoreError) -> [UInt8]? {
    try readStatement { db in
      try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT bytes FROM jobs JOIN job_inputs USING (seq) WHERE jobs.id = ?"),
        arguments: [id]
      )?.bytes(0)
    }
  }

  public func output(of id: String, named name: String) throws(JobStoreError) -> [UInt8]? {
    try readStatement { db in
      try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT bytes FROM jobs JOIN job_outputs USING (seq)
            WHERE jobs.id = ? AND job_outputs.name = ?
            """), arguments: [id, name]
      )?.bytes(0)
    }
  }

  /// How SQLite would look a job and its documents up, a line a step.
  package func recordPlan() throws(JobStoreError) -> [String] {
    try read { db in
      try Row.fetchAll(
        db, sql: "EXPLAIN QUERY PLAN " + JobRow.recordSelection, arguments: ["", 0]
      ).map { $0["detail"] }
    }
  }

  /// How SQLite would carry out a list, a line a step: tests see by it that indexes are used.
  package func plan(of query: JobQuery) throws(JobStoreError) -> [String] {
    let (sql, arguments) = JobSelection(query).statement(after: nil, limit: 50)
    return try read { db in
      try Row.fetchAll(
        db, sql: "EXPLAIN QUERY PLAN " + sql, arguments: arguments
      ).map { $0["detail"] }
    }
  }
}
