// An upload: bytes go in as they come, and nobody sees them until the last one is stored.

import Foundation
import GRDB
import Synchronization

/// Stores one blob piece by piece, holding at most 1 MiB of it in memory.
///
/// Safe from any thread; pieces are stored in the order of the calls. A writer that is released
/// unfinished aborts.
public final class BlobWriter: Sendable {
  private enum Phase { case open, closed }

  private struct State {
    var phase = Phase.open
    var buffer: [UInt8] = []
    var hasher = ContentDigest.Hasher()
    var ordinal = 0
    var byteCount = 0
  }

  private let store: BlobStore
  private let id: Int64
  private let byteCountMax: Int
  private let state = Mutex(State())

  init(store: BlobStore, id: Int64, byteCountMax: Int) {
    self.store = store
    self.id = id
    self.byteCountMax = byteCountMax
  }

  deinit { abort() }

  /// Adds bytes; blocks while a full row is written.
  ///
  /// - Throws: `blobTooLarge`, `blobWriterClosed`, or what writing may throw; the writer is of no
  ///   more use afterwards.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    try state.withLock { state throws(StorageError) in
      guard state.phase == .open else { throw .blobWriterClosed }
      guard bytes.count <= byteCountMax - state.byteCount else {
        state.phase = .closed
        purge()
        throw .blobTooLarge(byteCountMax: byteCountMax)
      }
      state.byteCount += bytes.count
      state.hasher.update(bytes)
      var rest = bytes[...]
      while !rest.isEmpty {
        let taken = rest.prefix(BlobStore.chunkBytes - state.buffer.count)
        state.buffer.append(contentsOf: taken)
        rest = rest.dropFirst(taken.count)
        if state.buffer.count == BlobStore.chunkBytes { try flush(&state) }
      }
    }
  }

  public func append(_ bytes: [UInt8]) throws(StorageError) {
    do {
      try bytes.withUnsafeBytes { try append($0) }
    } catch {
      throw StorageError(sorting: error)
    }
  }

  /// Makes the content visible under its digest, or finds it stored already, and holds it until the
  /// caller gives it to `BlobStore.release`.
  ///
  /// - Throws: `blobWriterClosed`, or what writing may throw.
  public func finish() throws(StorageError) -> Blob {
    try state.withLock { state throws(StorageError) in
      guard state.phase == .open else { throw .blobWriterClosed }
      if !state.buffer.isEmpty { try flush(&state) }
      state.phase = .closed
      let blob = Blob(digest: state.hasher.finalize(), byteCount: state.byteCount)
      // Held before it is visible: no other caller's release can drop it in between.
      store.hold(blob.digest)
      do throws(StorageError) {
        if try publish(blob) == .duplicate { purge() }
      } catch {
        store.unhold(blob.digest)
        purge()
        throw error
      }
      return blob
    }
  }

  /// Throws away what was written. Does nothing after `finish`.
  public func abort() {
    state.withLock { state in
      guard state.phase == .open else { return }
      state.phase = .closed
      purge()
    }
  }

  private enum Publication { case first, duplicate }

  private func publish(_ blob: Blob) throws(StorageError) -> Publication {
    try store.database.write(.flushed) { db in
      let isStored = try BlobStore.readyID(blob.digest, db) != nil
      try db.execute(
        sql: "UPDATE blobs SET state = ?, digest = ?, byte_count = ? WHERE id = ?",
        arguments: [isStored ? "dropped" : "ready", blob.digest.data, blob.byteCount, id])
      return isStored ? .duplicate : .first
    }
  }

  private func flush(_ state: inout State) throws(StorageError) {
    let chunk = Data(state.buffer)
    let ordinal = state.ordinal
    do throws(StorageError) {
      try store.database.write(.deferred) { db in
        try db.cachedStatement(
          sql: "INSERT INTO blob_chunks (blob_id, ordinal, bytes) VALUES (?, ?, ?)"
        ).execute(arguments: [id, ordinal, chunk])
      }
    } catch {
      state.phase = .closed
      purge()
      throw error
    }
    state.ordinal += 1
    state.buffer.removeAll(keepingCapacity: true)
  }

  /// What cannot be removed now, on a full disk, is removed by the upkeep; on a closed database, at the
  /// next start.
  private func purge() {
    do throws(StorageError) {
      try store.purge(id)
    } catch {
      store.database.failedUploads.withLock { _ = $0.insert(id) }
    }
  }
}
