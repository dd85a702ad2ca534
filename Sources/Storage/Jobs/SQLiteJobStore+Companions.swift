// Jobs that are worked on together: taken and ended many in one transaction.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  public func claimCompanions(
    _ request: CompanionRequest, worker: String, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [ClaimedJob] {
    // Most of the time nobody waits; a read does not hold up those who write.
    let isNeeded = try readStatement { db in
      try Int.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT 1 FROM jobs WHERE companion_key = ? AND state = 'queued' LIMIT 1
            """), arguments: [request.key]) != nil
    }
    guard isNeeded else { return [] }
    let expiresAt = now.addingTimeInterval(leaseSeconds).microseconds
    return try write(.deferred) { db in
      try WaitingLine.companions(request, now, db).compactMap { sequence in
        try take(sequence, worker: worker, now, expiresAt, db)
      }
    }
  }

  public func finish(_ endings: [JobEnding], now: Date) throws(JobStoreError) -> [Bool] {
    let isFlushed = endings.contains { $0.report.durability == .flushed }
    return try write(isFlushed ? .flushed : .deferred) { db in
      try endings.map { try end($0, now, db) }
    }
  }
}

extension WaitingLine {
  /// Jobs that may join one with the request's key, in the order of their place in a line.
  ///
  /// Suspects run alone, and so does what has a checkpoint to go on from.
  static func companions(
    _ request: CompanionRequest, _ now: Date, _ db: GRDB.Database
  ) throws -> [Int64] {
    var load = try load(db)
    guard !load.isSuspect, try suspect(now, db) == nil else { return [] }
    let seen = request.countMax.multipliedReportingOverflow(by: request.workerCount)
    let waiting = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT seq, client, memory_bytes FROM jobs INDEXED BY jobs_companions
          WHERE companion_key = ? AND state = 'queued' AND (deadline IS NULL OR deadline > ?)
            AND NOT EXISTS (SELECT 1 FROM job_checkpoints WHERE job_checkpoints.seq = jobs.seq)
          ORDER BY line_key, seq LIMIT ?
          """),
      arguments: [request.key, now.microseconds, seen.overflow ? .max : seen.partialValue])
    var running: [String: Int] = [:]
    var chosen: [Int64] = []
    for row in waiting.prefix(min(waiting.count / request.workerCount, request.countMax)) {
      let client: String = row[1]
      let count = try running[client] ?? runningCount(of: client, db)
      running[client] = count
      guard count < request.limits.clientRunningMax ?? .max else { continue }
      guard fits(row[2], load, request.limits) else { break }
      running[client] = count + 1
      load.memoryBytes += row[2]
      chosen.append(row[0])
    }
    return chosen
  }

  private static func runningCount(of client: String, _ db: GRDB.Database) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT running FROM clients WHERE name = ?"), arguments: [client])
      ?? 0
  }
}
