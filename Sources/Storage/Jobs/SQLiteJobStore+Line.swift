// Whose turn it is: which of the waiting jobs a worker is given next.

import Foundation
import GRDB
import Jobs

/// The waiting jobs, a line for each client.
///
/// A line is in the order of `line_key`; of the lines that goes first whose head has waited longest
/// for its turn, head starts included, which `clients.head_key` holds and triggers keep. So a claim
/// is a look-up however many wait: it walks over lines only where their clients are at their bound,
/// of whom there are no more than jobs that run.
enum WaitingLine {
  /// What runs now.
  struct Load {
    var count: Int
    var memoryBytes: Int
    /// One of them has the process to itself.
    var isSuspect: Bool
  }

  /// The job to run next, if one may now.
  ///
  /// A job that was suspected of ending the process runs alone, and before all others: what happens
  /// then is its own doing.
  static func next(_ limits: ClaimLimits, _ now: Date, _ db: GRDB.Database) throws -> Int64? {
    let load = try load(db)
    guard !load.isSuspect else { return nil }
    if let suspect = try suspect(now, db) { return load.count == 0 ? suspect : nil }
    let clients = try String.fetchCursor(
      db.cachedStatement(sql: clientsSQL),
      arguments: [limits.clientRunningMax ?? Int.max])
    while let client = try clients.next() {
      // Jobs past their deadlines are passed over here and ended by `expireDeadlines`.
      guard let head = try head(of: client, now, db) else { continue }
      // Whoever does not fit keeps its turn, or smaller ones would get by for ever.
      guard load.count == 0 || fits(head.memoryBytes, load, limits) else { return nil }
      return head.sequence
    }
    return nil
  }

  static let clientsSQL = """
    SELECT name FROM clients INDEXED BY clients_lines
    WHERE head_key IS NOT NULL AND running < ? ORDER BY head_key, turn
    """

  static let headSQL = """
    SELECT seq, memory_bytes FROM jobs INDEXED BY jobs_line
    WHERE client = ? AND state = 'queued' AND (deadline IS NULL OR deadline > ?)
    ORDER BY line_key, seq LIMIT 1
    """

  static let loadSQL = """
    SELECT COUNT(*), COALESCE(SUM(memory_bytes), 0), COALESCE(MAX(suspect), 0)
    FROM jobs INDEXED BY jobs_lease WHERE state = 'running'
    """

  static let suspectSQL = """
    SELECT seq FROM jobs INDEXED BY jobs_suspects
    WHERE state = 'queued' AND suspect = 1 AND (deadline IS NULL OR deadline > ?)
    ORDER BY seq LIMIT 1
    """

  static func fits(_ bytes: Int, _ load: Load, _ limits: ClaimLimits) -> Bool {
    guard let most = limits.memoryBytesMax else { return true }
    return bytes <= most - load.memoryBytes
  }

  static func load(_ db: GRDB.Database) throws -> Load {
    let row = try Row.fetchOne(db.cachedStatement(sql: loadSQL))
    return Load(count: row?[0] ?? 0, memoryBytes: row?[1] ?? 0, isSuspect: row?[2] ?? false)
  }

  static func suspect(_ now: Date, _ db: GRDB.Database) throws -> Int64? {
    try Int64.fetchOne(db.cachedStatement(sql: suspectSQL), arguments: [now.microseconds])
  }

  private static func head(
    of client: String, _ now: Date, _ db: GRDB.Database
  ) throws -> (sequence: Int64, memoryBytes: Int)? {
    try Row.fetchOne(
      db.cachedStatement(sql: headSQL), arguments: [client, now.microseconds]
    ).map { ($0[0], $0[1]) }
  }
}

extension SQLiteJobStore {
  /// How SQLite would look for the next job, a line a step: tests see by it that indexes are used.
  package func claimPlan() throws(JobStoreError) -> [String] {
    try read { db in
      let statements: [(sql: String, arguments: StatementArguments)] = [
        (WaitingLine.loadSQL, []), (WaitingLine.suspectSQL, [0]), (WaitingLine.clientsSQL, [1]),
        (WaitingLine.headSQL, ["", 0]),
      ]
      return try statements.flatMap { statement in
        try Row.fetchAll(
          db, sql: "EXPLAIN QUERY PLAN " + statement.sql, arguments: statement.arguments
        ).map { $0["detail"] }
      }
    }
  }
}
