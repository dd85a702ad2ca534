// Jobs that are worked on together: taken and ended many in one transaction.

import Foundation
import GRDB
import Jobs

extension SQLiteJobStore {
  public func claimCompanions(
    _ request: CompanionRequest, worker: String, now: Date, leaseSeconds: Double
  ) throws(JobStoreError) -> [ClaimedJob] {
    // Most of the time nobody waits; a read does not hold up those who write.
    let isNeeded = try readStatement { db in try waitingCompanions(request, now, limit: 1, db) }
    guard !isNeeded.isEmpty else { return [] }
    let expiresAt = now.addingTimeInterval(leaseSeconds).microseconds
    return try write(.deferred) { db in
      let seen = request.countMax.multipliedReportingOverflow(by: request.workerCount)
      let waiting = try waitingCompanions(
        request, now, limit: seen.overflow ? .max : seen.partialValue, db)
      let share = min(waiting.count / request.workerCount, request.countMax)
      return try waiting.prefix(share).map { sequence in
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

  /// The first jobs in the queue with the request's key.
  private func waitingCompanions(
    _ request: CompanionRequest, _ now: Date, limit: Int, _ db: GRDB.Database
  ) throws -> [Int64] {
    try Int64.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT seq FROM jobs INDEXED BY jobs_companions
          WHERE companion_key = ? AND state = 'queued' AND (deadline IS NULL OR deadline > ?)
          ORDER BY priority DESC, seq LIMIT ?
          """), arguments: [request.key, now.microseconds, limit])
  }
}
