// Batches: many jobs in by one transaction, looked at and canceled together.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  /// Accepts all jobs of a batch or none, or gives the batch that the same id or idempotency key
  /// already made.
  ///
  /// - Throws: as ``enqueue(_:admission:now:)`` does.
  public func enqueue(
    _ submission: BatchSubmission, admission: JobAdmission, now: Date
  ) throws(JobStoreError) -> (batch: JobBatch, isNew: Bool) {
    try submission.validate()
    let common = submission.common
    return try write(.flushed) { db in
      if let earlier = try earlierBatch(common, db) { return (earlier, false) }
      let subjectName = try self.subjectName(common.subject, db)
      try admit(
        submission.members.count, bytes: submission.storedBytes, of: common.client, admission, db)
      try db.cachedStatement(
        sql: """
          INSERT INTO batches (id, client, subject, subject_name, count, created_at, document,
            request_digest, idempotency_key)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        common.id, common.client, common.subject, subjectName, submission.members.count,
        now.microseconds, Data(submission.document), Data(common.requestDigest),
        common.idempotencyKey,
      ])
      var member = common
      member.idempotencyKey = nil
      for (index, (id, input)) in submission.members.enumerated() {
        member.id = id
        member.input = input
        _ = try insert(
          member, in: BatchPlace(batch: common.id, index: index), subjectName: subjectName,
          admission, now, db)
      }
      guard let batch = try Self.batch(common.id, db) else {
        throw StorageError.corrupt(detail: "a batch vanished while it was stored")
      }
      return (batch, true)
    }
  }

  public func findBatch(_ id: String) throws(JobStoreError) -> JobBatch? {
    try read { db in try Self.batch(id, db) }
  }

  /// Batches that match, newest first.
  ///
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`; `unavailable`.
  public func listBatches(
    _ query: BatchQuery, page: PageRequest
  ) throws(JobStoreError) -> BatchPage {
    guard page.hasValidSize else { throw .pageSizeInvalid(size: page.size) }
    let filters = "batches;\(query.client ?? "");\(query.subject ?? "")"
    var conditions = SQLConditions()
    if let client = query.client { conditions.add("client = ?", client) }
    if let subject = query.subject { conditions.add("subject = ?", subject) }
    if let token = page.token {
      do throws(PagePosition.Refusal) {
        let position = try PagePosition(token: token, filters: filters)
        conditions.add("(created_at, seq) < (?, ?)", position.createdAt, position.sequence)
      } catch {
        throw .pageTokenInvalid(reason: error.reason)
      }
    }
    return try read { db in
      var batches: [JobBatch] = []
      var last: PagePosition?
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT \(Self.batchColumns) FROM batches WHERE \(conditions.sql)
            ORDER BY created_at DESC, seq DESC LIMIT ?
            """), arguments: conditions.arguments + [page.size + 1])
      for row in rows {
        guard batches.count < page.size else {
          return BatchPage(batches: batches, nextToken: last?.token(filters: filters))
        }
        batches.append(try Self.decode(row, db))
        last = PagePosition(createdAt: row[6], sequence: row[0])
      }
      return BatchPage(batches: batches, nextToken: nil)
    }
  }

  /// Cancels the waiting jobs of a batch at once and asks the running ones to stop.
  ///
  /// - Returns: the ids of both, which the pool is to be told of.
  /// - Throws: `unavailable`.
  public func requestCancelBatch(_ id: String, now: Date) throws(JobStoreError) -> [String] {
    try write(.flushed) { db in
      let rows = try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT seq, id, state FROM jobs
            WHERE batch = ? AND state IN ('queued', 'running') ORDER BY seq
            """), arguments: [id])
      for row in rows {
        if row[2] == JobState.queued.rawValue {
          try end(row[0], as: .canceled, error: nil, now, db)
        } else {
          try askToStop(row[0], db)
        }
      }
      return rows.map { $0[1] }
    }
  }

  /// Removes a batch whose jobs are all finished, and what is left of these.
  ///
  /// Jobs go some hundreds at a time, so that others can write in between: one that is stopped on the
  /// way leaves a smaller batch.
  ///
  /// - Returns: `false`, with nothing removed, while some are not finished.
  /// - Throws: `unavailable`.
  public func deleteBatch(_ id: String) throws(JobStoreError) -> Bool {
    while true {
      let isLeft: Bool? = try write(.flushed) { db in
        let unfinished = try Int.fetchOne(
          db.cachedStatement(
            sql: """
              SELECT 1 FROM jobs WHERE batch = ? AND state IN ('queued', 'running') LIMIT 1
              """), arguments: [id])
        guard unfinished == nil else { return nil }
        try db.cachedStatement(
          sql: """
            DELETE FROM jobs WHERE seq IN (SELECT seq FROM jobs WHERE batch = ? LIMIT ?)
            """
        ).execute(arguments: [id, Self.deletedTogetherMax])
        guard db.changesCount == 0 else { return true }
        try db.execute(sql: "DELETE FROM batches WHERE id = ?", arguments: [id])
        return false
      }
      guard let isLeft else { return false }
      if !isLeft { return true }
    }
  }

  private static let deletedTogetherMax = 256

  /// The places of a batch whose jobs succeeded and have this output, in order.
  public func batchIndices(
    _ id: String, withOutput name: String
  ) throws(JobStoreError) -> [Int] {
    try read { db in
      try Int.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT batch_index FROM jobs JOIN job_outputs USING (seq)
            WHERE batch = ? AND state = 'succeeded' AND job_outputs.name = ?
            ORDER BY batch_index
            """), arguments: [id, name])
    }
  }

  /// One output of the jobs that succeeded at these places of a batch, in order.
  public func batchOutputs(
    _ id: String, named name: String, at places: ClosedRange<Int>
  ) throws(JobStoreError) -> [(index: Int, bytes: [UInt8])] {
    try read { db in
      try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT batch_index, bytes FROM jobs JOIN job_outputs USING (seq)
            WHERE batch = ? AND batch_index BETWEEN ? AND ? AND state = 'succeeded'
              AND job_outputs.name = ?
            ORDER BY batch_index
            """), arguments: [id, places.lowerBound, places.upperBound, name]
      ).map { (index: $0[0], bytes: try $0.bytes(1) ?? []) }
    }
  }

  private static let batchColumns = """
    seq, id, client, subject, subject_name, count, created_at, document
    """

  private static func batch(_ id: String, _ db: GRDB.Database) throws -> JobBatch? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT \(batchColumns) FROM batches WHERE id = ?"),
      arguments: [id]
    ).map { try decode($0, db) }
  }

  private static func decode(_ row: Row, _ db: GRDB.Database) throws -> JobBatch {
    let id: String = row[1]
    var counts = Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0, 0) })
    let states = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT state, COUNT(*) FROM jobs WHERE batch = ? GROUP BY state"),
      arguments: [id])
    for state in states {
      if let known = JobState(rawValue: state[0]) { counts[known] = state[1] }
    }
    return JobBatch(
      id: id, client: row[2], subject: row[3], subjectName: row[4], count: row[5], counts: counts,
      createdAt: Date(microseconds: row[6]), document: try row.bytes(7) ?? [])
  }

  private func earlierBatch(
    _ common: JobSubmission, _ db: GRDB.Database
  ) throws -> JobBatch? {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT id, request_digest FROM batches
            WHERE client = ? AND idempotency_key = ?
            """), arguments: [common.client, common.idempotencyKey])
    else { return nil }
    guard row[1] == Data(common.requestDigest) else {
      throw JobStoreError.idempotencyMismatch(key: common.idempotencyKey ?? "", jobID: row[0])
    }
    return try Self.batch(row[0], db)
  }
}
