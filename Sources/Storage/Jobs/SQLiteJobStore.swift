// The queue and the archive of jobs, in SQLite.

import Foundation
import GRDB
import Jobs

/// A job store in a `Database`. The subjects of its jobs are the generators beside them.
public struct SQLiteJobStore: JobStore {
  let database: Database

  public init(database: Database) {
    self.database = database
  }

  public func enqueue(
    _ submission: JobSubmission, admission: JobAdmission, now: Date
  ) throws(JobStoreError) -> EnqueuedJob {
    try submission.validate()
    return try write(.flushed) { db in try accept(submission, admission, now, db) }
  }

  /// The same without a thread that waits for the disk.
  ///
  /// - Parameter completion: called on a thread of the store; must be quick.
  public func enqueue(
    _ submission: JobSubmission, admission: JobAdmission, now: Date,
    completion: @escaping @Sendable (Result<EnqueuedJob, JobStoreError>) -> Void
  ) {
    do {
      try submission.validate()
    } catch {
      return completion(.failure(error))
    }
    database.submitWrite(.flushed) { db in
      try accept(submission, admission, now, db)
    } completion: { result in
      completion(result.mapError { JobStoreError(sorting: $0) })
    }
  }

  public func delete(_ id: String) throws(JobStoreError) {
    try write(.flushed) { db in
      guard let job = try JobRow.fetch(id: id, db) else {
        throw JobStoreError.jobMissing(id: id)
      }
      guard job.state.isFinished else {
        throw JobStoreError.jobUnfinished(id: job.publicID, state: job.state)
      }
      try db.execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [id])
    }
  }

  public func statistics(now: Date) throws(JobStoreError) -> JobStatistics {
    try read { db in
      var counts = Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0, 0) })
      for row in try Row.fetchAll(db, sql: "SELECT state, count FROM job_counts") {
        if let state = JobState(rawValue: row[0]) { counts[state] = row[1] }
      }
      let oldest = try Int64.fetchOne(
        db, sql: "SELECT MIN(queued_at) FROM jobs WHERE state = 'queued'")
      let clients = try Int.fetchOne(
        db,
        sql: "SELECT COUNT(*) FROM clients INDEXED BY clients_lines WHERE head_key IS NOT NULL")
      return JobStatistics(
        counts: counts,
        oldestQueuedSeconds: oldest.map { Double(max(now.microseconds - $0, 0)) / 1e6 },
        waitingClientCount: clients ?? 0)
    }
  }
}

extension SQLiteJobStore {
  func write<Value>(
    _ durability: Database.Durability, _ body: (GRDB.Database) throws -> Value
  ) throws(JobStoreError) -> Value {
    do {
      return try database.withWriter(durability, body)
    } catch {
      throw JobStoreError(sorting: error)
    }
  }

  func read<Value>(
    _ body: (GRDB.Database) throws -> Value
  ) throws(JobStoreError) -> Value {
    do { return try database.withReader(body) } catch { throw JobStoreError(sorting: error) }
  }

  /// A read whose statements need not see the same moment: a single one, or one and what never
  /// changes after it.
  func readStatement<Value>(
    _ body: (GRDB.Database) throws -> Value
  ) throws(JobStoreError) -> Value {
    do { return try database.withStatementReader(body) } catch {
      throw JobStoreError(sorting: error)
    }
  }

  private func accept(
    _ submission: JobSubmission, _ admission: JobAdmission, _ now: Date, _ db: GRDB.Database
  ) throws -> EnqueuedJob {
    if let earlier = try earlierJob(submission, db) {
      return EnqueuedJob(job: earlier, isNew: false)
    }
    let subjectName = try subjectName(submission.subject, db)
    try admit(1, bytes: submission.storedBytes, of: submission.client, admission, db)
    _ = try insert(submission, in: nil, subjectName: subjectName, admission, now, db)
    return EnqueuedJob(job: submission.job(subjectName: subjectName, at: now), isNew: true)
  }

  /// The job that the same id or the same idempotency key made before, if there is one.
  private func earlierJob(_ submission: JobSubmission, _ db: GRDB.Database) throws -> Job? {
    let digest = Data(submission.requestDigest)
    if let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT seq, request_digest, client FROM jobs WHERE id = ?"),
      arguments: [submission.id])
    {
      guard row[1] == digest, row[2] == submission.client else {
        throw JobStoreError.identifierConflict(id: submission.name ?? submission.id)
      }
      return try JobRow.fetch(sequence: row[0], db)
    }
    guard let key = submission.idempotencyKey,
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT seq, request_digest, COALESCE(name, id) FROM jobs
            WHERE client = ? AND idempotency_key = ?
            """), arguments: [submission.client, key])
    else { return nil }
    guard row[1] == digest else {
      throw JobStoreError.idempotencyMismatch(key: key, jobID: row[2])
    }
    return try JobRow.fetch(sequence: row[0], db)
  }

  /// The subject's name, if it has one.
  ///
  /// - Throws: `subjectMissing`.
  func subjectName(_ subject: String, _ db: GRDB.Database) throws -> String? {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(sql: "SELECT name FROM generators WHERE id = ?"), arguments: [subject])
    else { throw JobStoreError.subjectMissing(subject: subject) }
    return row[0]
  }

  /// Whether there is room for `count` more with `bytes` together, among all and for their client.
  ///
  /// - Throws: `queueFull`, `clientBusy`, `clientFull`.
  func admit(
    _ count: Int, bytes: Int, of client: String, _ admission: JobAdmission, _ db: GRDB.Database
  ) throws {
    let queued = try Int.fetchOne(
      db.cachedStatement(sql: "SELECT count FROM job_counts WHERE state = 'queued'"))
    guard let queued, queued <= admission.queuedMax - count else {
      throw JobStoreError.queueFull(queuedMax: admission.queuedMax)
    }
    if let most = admission.clientUnfinishedMax,
      try ClientAccounts.unfinishedCount(of: client, db) > most - count
    {
      throw JobStoreError.clientBusy(unfinishedMax: most)
    }
    try ClientAccounts.requireRoom(
      for: bytes, of: client, bytesMax: admission.clientBytesMax, db)
  }

  func insert(
    _ submission: JobSubmission, in place: BatchPlace?, subjectName: String?,
    _ admission: JobAdmission, _ now: Date, _ db: GRDB.Database
  ) throws -> Int64 {
    let createdAt = now.microseconds
    let headStart = Int64((Double(submission.priority) * admission.ageingSeconds * 1e6).rounded())
    let deadline = submission.deadlineSeconds.map { now.addingTimeInterval($0).microseconds }
    try db.cachedStatement(
      sql: """
        INSERT INTO jobs (id, name, stored_bytes, client, subject, subject_name, state, priority,
          method, verdict, residual, created_at, queued_at, deadline, attempts_max, request_digest,
          idempotency_key, trace_context, batch, batch_index, companion_key, line_key, head_start,
          memory_bytes)
        VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      submission.id, submission.name, submission.storedBytes, submission.client,
      submission.subject, subjectName, submission.priority,
      submission.facets.method, submission.facets.verdict, submission.facets.residual, createdAt,
      createdAt, deadline, submission.attemptsMax, Data(submission.requestDigest),
      submission.idempotencyKey, submission.traceContext, place?.batch, place?.index,
      submission.companionKey, createdAt - headStart, headStart, submission.memoryBytes,
    ])
    let sequence = db.lastInsertedRowID
    for (key, value) in submission.labels {
      try db.cachedStatement(
        sql: "INSERT INTO job_labels (seq, key, value, created_at) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [sequence, key, value, createdAt])
    }
    try db.cachedStatement(sql: "INSERT INTO job_requests (seq, document) VALUES (?, ?)")
      .execute(arguments: [sequence, Data(submission.document)])
    try db.cachedStatement(sql: "INSERT INTO job_inputs (seq, bytes) VALUES (?, ?)")
      .execute(arguments: [sequence, Data(submission.input)])
    return sequence
  }
}

extension JobSubmission {
  /// What it takes in the store.
  var storedBytes: Int { document.count + input.count }

  /// The job as it is read back once accepted.
  func job(subjectName: String?, at now: Date) -> Job {
    Job(
      id: id, name: name, client: client, subject: subject, subjectName: subjectName,
      priority: priority, labels: labels, facets: facets,
      createdAt: Date(microseconds: now.microseconds),
      deadline: deadlineSeconds.map {
        Date(microseconds: now.addingTimeInterval($0).microseconds)
      }, attemptsMax: attemptsMax, traceContext: traceContext)
  }
}

extension BatchSubmission {
  /// What its jobs take in the store.
  var storedBytes: Int {
    members.reduce(0) { $0 + common.document.count + $1.input.count }
  }
}
