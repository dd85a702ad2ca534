// What each client has, as its quotas ask.

import GRDB

/// Reads the accounts that triggers keep.
enum ClientAccounts {
  /// - Throws: `StorageError.clientFull` when `bytes` more would be over the quota.
  static func requireRoom(
    for bytes: Int, of client: String, bytesMax: Int?, _ db: GRDB.Database
  ) throws {
    guard let bytesMax else { return }
    let stored =
      try Int.fetchOne(
        db.cachedStatement(sql: "SELECT bytes FROM clients WHERE name = ?"), arguments: [client])
      ?? 0
    guard bytes <= bytesMax - stored else {
      throw StorageError.clientFull(storedBytes: stored, addedBytes: bytes, bytesMax: bytesMax)
    }
  }

  /// Jobs of the client that wait or run.
  static func unfinishedCount(of client: String, _ db: GRDB.Database) throws -> Int {
    try Int.fetchOne(
      db.cachedStatement(sql: "SELECT unfinished FROM clients WHERE name = ?"),
      arguments: [client]) ?? 0
  }
}

extension Database {
  /// What is stored for a client, in bytes, and how many of its jobs are unfinished.
  public func account(
    of client: String
  ) throws(StorageError) -> (storedBytes: Int, unfinishedJobs: Int) {
    try read { db in
      let row = try Row.fetchOne(
        db, sql: "SELECT bytes, unfinished FROM clients WHERE name = ?", arguments: [client])
      return row.map { ($0[0], $0[1]) } ?? (0, 0)
    }
  }
}
