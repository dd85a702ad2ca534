// Large contents, each stored once under the name of its digest.

import GRDB
import Synchronization

/// Stored content.
public struct Blob: Sendable, Hashable {
  public var digest: ContentDigest
  public var byteCount: Int
}

/// Content-addressed storage in rows of 1 MiB.
///
/// A blob lives as long as a generator refers to it or somebody holds it. A finished writer holds
/// its blob for its caller, who must `release` it: until then it cannot vanish between the upload
/// and the generator that is made of it.
public struct BlobStore: Sendable {
  /// Bytes in every row of a blob but its last.
  public static let chunkBytes = 1 << 20

  let database: Database

  public init(database: Database) {
    self.database = database
  }

  /// Begins an upload.
  ///
  /// - Parameter byteCountMax: what is longer is refused with `blobTooLarge`.
  public func makeWriter(byteCountMax: Int) throws(StorageError) -> BlobWriter {
    let id = try database.write(.deferred) { db in
      try db.execute(sql: "INSERT INTO blobs (state) VALUES ('writing')")
      return db.lastInsertedRowID
    }
    return BlobWriter(store: self, id: id, byteCountMax: byteCountMax)
  }

  /// - Throws: `blobMissing`, or what reading may throw.
  public func reader(for digest: ContentDigest) throws(StorageError) -> BlobReader {
    let found = try database.read { db in
      try Row.fetchOne(
        db, sql: "SELECT id, byte_count FROM blobs WHERE digest = ? AND state = 'ready'",
        arguments: [digest.data]
      ).map { (id: $0[0] as Int64, byteCount: $0[1] as Int) }
    }
    guard let found else { throw .blobMissing(digest) }
    return BlobReader(
      database: database, id: found.id, digest: digest, byteCount: found.byteCount)
  }

  /// Whether content with this digest is stored.
  public func contains(_ digest: ContentDigest) throws(StorageError) -> Bool {
    try database.read { db in try BlobStore.readyID(digest, db) != nil }
  }

  /// Lets go of what `BlobWriter.finish` gave. Content that no generator uses is removed.
  public func release(_ blob: Blob) throws(StorageError) {
    let dropped = try database.write(.deferred) { db in
      unhold(blob.digest)
      return try dropIfUnused(blob.digest, db)
    }
    if let dropped { try purge(dropped) }
  }
}

extension BlobStore {
  static func readyID(_ digest: ContentDigest, _ db: GRDB.Database) throws -> Int64? {
    try Int64.fetchOne(
      db, sql: "SELECT id FROM blobs WHERE digest = ? AND state = 'ready'",
      arguments: [digest.data])
  }

  func hold(_ digest: ContentDigest) {
    database.blobHolds.withLock { $0[digest, default: 0] += 1 }
  }

  func unhold(_ digest: ContentDigest) {
    database.blobHolds.withLock { holds in
      let remaining = (holds[digest] ?? 0) - 1
      holds[digest] = remaining > 0 ? remaining : nil
    }
  }

  /// Hides the blob when no generator refers to it and nobody holds it. Within a write.
  ///
  /// - Returns: what to `purge` after the transaction.
  func dropIfUnused(_ digest: ContentDigest, _ db: GRDB.Database) throws -> Int64? {
    guard database.blobHolds.withLock({ $0[digest] }) == nil,
      let id = try BlobStore.readyID(digest, db),
      try Int64.fetchOne(
        db, sql: "SELECT seq FROM generators WHERE blob_id = ? LIMIT 1", arguments: [id]) == nil
    else { return nil }
    try db.execute(sql: "UPDATE blobs SET state = 'dropped' WHERE id = ?", arguments: [id])
    return id
  }

  /// Removes a blob that is not ready, a few rows a transaction so that other writes get between.
  func purge(_ id: Int64) throws(StorageError) {
    var isEmpty = false
    while !isEmpty {
      isEmpty = try database.write(.deferred) { db in
        try db.execute(
          sql: """
            DELETE FROM blob_chunks WHERE rowid IN
              (SELECT rowid FROM blob_chunks WHERE blob_id = ? LIMIT 16)
            """, arguments: [id])
        guard db.changesCount == 0 else { return false }
        try db.execute(
          sql: "DELETE FROM blobs WHERE id = ? AND state <> 'ready'", arguments: [id])
        return true
      }
    }
  }

  /// Removes what an earlier process left: half uploads, half removals, and content that was
  /// finished but never used. Only right when no writer of this process is open.
  func sweep() throws(StorageError) {
    let leftovers = try database.write(.deferred) { db in
      try db.execute(
        sql: """
          UPDATE blobs SET state = 'dropped' WHERE state = 'ready'
            AND NOT EXISTS (SELECT 1 FROM generators WHERE blob_id = blobs.id)
          """)
      return try Int64.fetchAll(db, sql: "SELECT id FROM blobs WHERE state <> 'ready'")
    }
    for id in leftovers { try purge(id) }
  }
}
