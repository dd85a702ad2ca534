// Stored content, read from any place.

import Foundation
import GRDB

/// Reads one blob. Safe from any thread; reads run side by side.
public final class BlobReader: Sendable {
  public let digest: ContentDigest
  public let byteCount: Int
  private let database: Database
  private let id: Int64

  init(database: Database, id: Int64, digest: ContentDigest, byteCount: Int) {
    self.database = database
    self.id = id
    self.digest = digest
    self.byteCount = byteCount
  }

  /// The bytes at `offset`: `count` of them, or fewer where the content ends.
  ///
  /// Whole rows of 1 MiB are read whatever the count: ask for pieces of about that size.
  ///
  /// - Precondition: neither argument is negative.
  /// - Throws: `blobMissing` when the content was deleted meanwhile, or what reading may throw.
  public func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    precondition(offset >= 0 && count >= 0, "offset and count must not be negative")
    let start = min(offset, byteCount)
    let end = start + min(count, byteCount - start)
    guard start < end else { return [] }
    let chunkBytes = BlobStore.chunkBytes
    let bytes = try database.read { db in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(end - start)
      let rows = try Row.fetchCursor(
        db.cachedStatement(
          sql: """
            SELECT ordinal, bytes FROM blob_chunks
            WHERE blob_id = ? AND ordinal BETWEEN ? AND ? ORDER BY ordinal
            """),
        arguments: [id, start / chunkBytes, (end - 1) / chunkBytes])
      while let row = try rows.next() {
        let base = (row[0] as Int) * chunkBytes
        try row.withUnsafeData(atIndex: 1) { data in
          guard let data else { return }
          bytes.append(contentsOf: data[max(start - base, 0)..<min(end - base, data.count)])
        }
      }
      return bytes
    }
    guard bytes.count == end - start else { throw .blobMissing(digest) }
    return bytes
  }
}

extension ContentDigest {
  var data: Data { Data(bytes) }
}
