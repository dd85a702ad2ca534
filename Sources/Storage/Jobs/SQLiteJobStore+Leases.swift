// Taking, keeping and ending a job: every write names its lease and stops on zero rows.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  public func claim(
    worker: String, limits: ClaimLimits, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> ClaimedJob? {
    // Idle workers ask often, and a look costs less than a transaction.
    guard try isAnyWaiting() else { return nil }
    let expiresAt = now.addingTimeInterval(leaseSeconds).microseconds
    return try passingDamage(limits, now) { () throws(JobStoreError) in
      try write(.deferred) { db in try takeNext(worker: worker, limits, now, expiresAt, db) }
    }
  }

  public func finish(
    _ ending: JobEnding, claimingNextWithin limits: ClaimLimits, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> (isEnded: Bool, next: ClaimedJob?) {
    let expiresAt = now.addingTimeInterval(leaseSeconds).microseconds
    return try write(ending.report.durability) { db in
      guard try end(ending, now, db) else { return (false, nil) }
      return (true, try takeNext(worker: ending.lease.worker, limits, now, expiresAt, db))
    }
  }

  /// Hands the job whose turn it is to a worker.
  private func takeNext(
    worker: String, _ limits: ClaimLimits, _ now: Date, _ expiresAt: Int64, _ db: GRDB.Database
  ) throws -> ClaimedJob? {
    // One that has lost its documents has ended by that; where many have, the write is kept short.
    for _ in 0..<UnreadableJob.passedMax {
      guard let sequence = try WaitingLine.next(limits, now, db) else { return nil }
      if let taken = try take(sequence, worker: worker, now, expiresAt, db) { return taken }
    }
    return nil
  }

  /// Hands a waiting job to a worker.
  ///
  /// - Parameter expiresAt: of the lease, in microseconds.
  /// - Returns: `nil` where its request or its input is lost: it then has failed.
  func take(
    _ sequence: Int64, worker: String, _ now: Date, _ expiresAt: Int64, _ db: GRDB.Database
  ) throws -> ClaimedJob? {
    try db.cachedStatement(
      sql: """
        UPDATE jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1,
          worker = ?, lease_expires_at = ?, started_at = ?, revision = revision + 1,
          queue_seconds = COALESCE(queue_seconds, 0) + MAX(0, ? - queued_at) / 1e6
        WHERE seq = ?
        """
    ).execute(arguments: [worker, expiresAt, now.microseconds, now.microseconds, sequence])
    guard let contents = try JobContents.read(sequence, db) else {
      try end(sequence, as: .failed, error: UnreadableJob.error, now, db)
      return nil
    }
    let job = try JobRow.fetch(sequence: sequence, db)
    let lease = JobLease(
      jobID: job.id, fence: contents.fence, worker: worker,
      expiresAt: Date(microseconds: expiresAt))
    try AttemptHistory.begin(
      sequence, fence: lease.fence, number: job.attempt, worker: worker, now, db)
    return ClaimedJob(
      job: job, lease: lease, document: contents.document, input: contents.input,
      companionKey: contents.companionKey, checkpoint: contents.checkpoint)
  }

  public func renew(
    _ renewals: [LeaseRenewal], now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [LeaseStanding] {
    guard !renewals.isEmpty else { return [] }
    let expiresAt = now.addingTimeInterval(leaseSeconds).microseconds
    return try write(.deferred) { db in try renewals.map { try renew($0, expiresAt, db) } }
  }

  private func renew(
    _ renewal: LeaseRenewal, _ expiresAt: Int64, _ db: GRDB.Database
  ) throws -> LeaseStanding {
    let (lease, progress) = (renewal.lease, renewal.progress)
    try db.cachedStatement(
      sql: """
        UPDATE jobs SET lease_expires_at = ?, progress = COALESCE(?, progress),
          revision = revision + ?
        WHERE \(LeasedRow.holder)
        """
    ).execute(
      arguments: [expiresAt, progress.map { Data($0) }, progress == nil ? 0 : 1]
        + LeasedRow.arguments(lease))
    guard db.changesCount > 0 else { return .lost }
    let isCancelRequested = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT cancel_requested FROM jobs WHERE id = ?"),
      arguments: [lease.jobID])
    return isCancelRequested == true ? .cancelRequested : .held
  }

  public func finish(
    _ lease: JobLease, report: JobReport, now: Date
  ) throws(JobStoreError) -> Bool {
    try write(report.durability) { db in
      try end(JobEnding(lease: lease, report: report), now, db)
    }
  }

  /// Ends one attempt.
  ///
  /// - Returns: whether the lease still held.
  func end(_ ending: JobEnding, _ now: Date, _ db: GRDB.Database) throws -> Bool {
    let (lease, report) = (ending.lease, ending.report)
    let error: [UInt8]?
    switch report.outcome {
    case .interrupted: return try release(lease, now, db)
    case .failed(let reason): error = reason
    case .succeeded, .canceled, .expired: error = nil
    }
    guard let row = try LeasedRow.find(lease, now, db) else { return false }
    // One statement: each that names a column writes all indexes on it anew.
    try db.cachedStatement(
      sql: """
        UPDATE jobs SET state = ?, completed_at = ?, error = ?, worker = NULL,
          lease_expires_at = NULL, revision = revision + 1,
          solve_seconds = MAX(0, ? - started_at) / 1e6,
          verdict = COALESCE(?, verdict), residual = COALESCE(?, residual),
          stored_bytes = stored_bytes + ?
        WHERE seq = ?
        """
    ).execute(arguments: [
      report.outcome.state.rawValue, now.microseconds, error.map { Data($0) },
      now.microseconds, report.facets?.verdict, report.facets?.residual, report.storedBytes,
      row.sequence,
    ])
    if let method = report.facets?.method, method != row.method {
      try db.cachedStatement(sql: "UPDATE jobs SET method = ? WHERE seq = ?")
        .execute(arguments: [method, row.sequence])
    }
    try AttemptHistory.end(row.sequence, .finished, now, db)
    try store(report, of: row, db)
    return true
  }

  public func release(_ lease: JobLease, now: Date) throws(JobStoreError) -> Bool {
    try write(.deferred) { db in try release(lease, now, db) }
  }

  private func release(_ lease: JobLease, _ now: Date, _ db: GRDB.Database) throws -> Bool {
    guard let row = try LeasedRow.find(lease, now, db) else { return false }
    try AttemptHistory.end(row.sequence, .interrupted, isCounted: false, now, db)
    if row.isCancelRequested {
      try end(row.sequence, as: .canceled, error: nil, now, db)
    } else {
      try requeue(row.sequence, attemptsBack: 1, now, db)
    }
    return true
  }

  private func isAnyWaiting() throws(JobStoreError) -> Bool {
    try readStatement { db in
      let count = try Int.fetchOne(
        db.cachedStatement(sql: "SELECT count FROM job_counts WHERE state = 'queued'"))
      return count != 0
    }
  }

  private func store(_ report: JobReport, of row: LeasedRow, _ db: GRDB.Database) throws {
    if let document = report.document {
      try db.cachedStatement(sql: "INSERT INTO job_results (seq, document) VALUES (?, ?)")
        .execute(arguments: [row.sequence, Data(document)])
    }
    for (name, bytes) in report.outputs {
      try db.cachedStatement(sql: "INSERT INTO job_outputs (seq, name, bytes) VALUES (?, ?, ?)")
        .execute(arguments: [row.sequence, name, Data(bytes)])
    }
    if report.outcome == .succeeded, let latent = report.outputs[LatentSearch.outputName],
      LatentSearch.isSearchable(latent)
    {
      try db.cachedStatement(
        sql: "INSERT INTO job_latents (subject, seq, client, bytes) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [row.subject, row.sequence, row.client, Data(latent)])
    }
  }
}

extension JobReport {
  /// What its documents and outputs take.
  var storedBytes: Int {
    (document?.count ?? 0) + outputs.values.reduce(0) { $0 + $1.count }
  }

  /// A result that is lost with the power is computed again.
  var durability: Database.Durability {
    switch outcome {
    case .succeeded, .interrupted: .deferred
    case .failed, .canceled, .expired: .flushed
    }
  }
}

/// A running job's row, found under an unexpired lease.
struct LeasedRow {
  var sequence: Int64
  var subject: String
  var client: String
  var method: String
  var isCancelRequested: Bool

  /// The job is this worker's, though its lease may have expired.
  static let holder = "id = ? AND state = 'running' AND fence = ? AND worker = ?"

  static func arguments(_ lease: JobLease) -> StatementArguments {
    [lease.jobID, lease.fence, lease.worker]
  }

  static func find(_ lease: JobLease, _ now: Date, _ db: GRDB.Database) throws -> LeasedRow? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT seq, subject, client, method, cancel_requested FROM jobs
          WHERE \(holder) AND lease_expires_at > ?
          """), arguments: arguments(lease) + [now.microseconds]
    ).map { row in
      LeasedRow(
        sequence: row[0], subject: row[1], client: row[2], method: row[3],
        isCancelRequested: row[4])
    }
  }
}
