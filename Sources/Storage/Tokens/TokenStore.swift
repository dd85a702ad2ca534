// The access tokens.

import Foundation
import GRDB

/// Stores, finds and revokes access tokens.
public struct TokenStore: Sendable {
  private let database: Database

  public init(database: Database) {
    self.database = database
  }

  /// Stores a new token.
  public func insert(_ token: StoredToken) throws(StorageError) {
    precondition(StoredToken.isValidClient(token.client), "\(token.client) is no client's name")
    try database.write(.flushed) { db in
      try db.execute(
        sql: """
          INSERT INTO tokens (id, digest, client, scopes, note, created_at, expires_at)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          token.id, token.digest.data, token.client, token.scopes.joined(separator: " "),
          token.note, token.createdAt.microseconds, token.expiresAt?.microseconds,
        ])
    }
  }

  public func find(_ id: String) throws(StorageError) -> StoredToken? {
    try database.read { db in
      try Row.fetchOne(
        db.cachedStatement(sql: "\(TokenStore.selection) WHERE id = ?"), arguments: [id]
      ).map(TokenStore.decode)
    }
  }

  /// All of them, the revoked ones too, oldest first.
  public func list() throws(StorageError) -> [StoredToken] {
    try database.read { db in
      try Row.fetchAll(db, sql: "\(TokenStore.selection) ORDER BY created_at, id")
        .map(TokenStore.decode)
    }
  }

  /// Makes a token worthless from now on; one that is already stays as it is.
  ///
  /// - Throws: `tokenMissing`, or what writing may throw.
  public func revoke(_ id: String, now: Date) throws(StorageError) -> StoredToken {
    try database.write(.flushed) { db in
      try db.execute(
        sql: "UPDATE tokens SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ?",
        arguments: [now.microseconds, id])
      guard
        let row = try Row.fetchOne(
          db, sql: "\(TokenStore.selection) WHERE id = ?", arguments: [id])
      else { throw StorageError.tokenMissing(id: id) }
      return try TokenStore.decode(row)
    }
  }

  /// Whether any token opens anything at `now`.
  public func hasValidToken(at now: Date) throws(StorageError) -> Bool {
    try database.read { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT 1 FROM tokens WHERE revoked_at IS NULL
            AND (expires_at IS NULL OR expires_at > ?) LIMIT 1
          """, arguments: [now.microseconds]) != nil
    }
  }

  /// Runs `body` on the tokens of the database at `path`: beside the process that has it or, where
  /// the database is new or of an older version, alone.
  public static func withStore<Value>(
    at path: String, _ body: (TokenStore) throws -> Value
  ) throws -> Value {
    let database: Database
    do throws(StorageError) {
      database = try Database(beside: path)
    } catch .schemaIncomplete {
      database = try Database(path: path)
    }
    let value = Result { try body(TokenStore(database: database)) }
    try database.close()
    return try value.get()
  }

  private static let selection = """
    SELECT id, digest, client, scopes, note, created_at, expires_at, revoked_at FROM tokens
    """

  private static func decode(_ row: Row) throws -> StoredToken {
    guard let digest = ContentDigest(bytes: try row.bytes(1) ?? []) else {
      throw StorageError.corrupt(detail: "a token's digest is not 32 bytes")
    }
    let scopes: String = row[3]
    let expiresAt: Int64? = row[6]
    let revokedAt: Int64? = row[7]
    return StoredToken(
      id: row[0], digest: digest, client: row[2],
      scopes: scopes.split(separator: " ").map(String.init), note: row[4],
      createdAt: Date(microseconds: row[5]),
      expiresAt: expiresAt.map { Date(microseconds: $0) },
      revokedAt: revokedAt.map { Date(microseconds: $0) })
  }
}
