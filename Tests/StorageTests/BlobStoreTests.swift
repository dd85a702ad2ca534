// Contents come back as they were, are stored once, and go when nobody needs them.

import Foundation
import Storage
import Testing

@Suite("Blobs")
struct BlobStoreTests {
  static let chunk = BlobStore.chunkBytes

  static func content(_ count: Int, seed: Int = 1) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 &+ seed) >> 7) }
  }

  @Test(
    "content comes back across row boundaries",
    arguments: [0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk + 17])
  func roundTrip(byteCount: Int) throws {
    let temporary = try TemporaryDatabase()
    let content = Self.content(byteCount)
    let writer = try temporary.blobs.makeWriter(byteCountMax: byteCount)
    var rest = content[...]
    var step = 1
    while !rest.isEmpty {
      try writer.append(Array(rest.prefix(step)))
      rest = rest.dropFirst(step)
      step = min(step * 3, 700_001)
    }
    let blob = try writer.finish()
    #expect(blob.byteCount == byteCount && blob.digest == ContentDigest(hashing: content))
    let reader = try temporary.blobs.reader(for: blob.digest)
    #expect(reader.byteCount == byteCount)
    #expect(try reader.read(at: 0, count: .max) == content)
    for (offset, count) in [
      (0, 1), (Self.chunk - 1, 2), (Self.chunk, 1), (byteCount - 1, 5), (byteCount, 5),
      (byteCount + 9, 1), (Self.chunk - 3, Self.chunk + 6), (5, 0),
    ] where offset >= 0 {
      #expect(
        try reader.read(at: offset, count: count) == Array(content.dropFirst(offset).prefix(count)))
    }
  }

  @Test("known digests [FIPS 180-4 examples]")
  func digests() {
    #expect(
      ContentDigest(hashing: Array("abc".utf8)).description
        == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      ContentDigest(hashing: []).hexadecimal
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(ContentDigest(bytes: [1]) == nil)
  }

  @Test("the same content is stored once and lives until its last generator is gone")
  func references() throws {
    let temporary = try TemporaryDatabase()
    let content = Self.content(Self.chunk + 1)
    let first = try temporary.store(content)
    let second = try temporary.store(content)
    #expect(first == second)
    #expect(try temporary.count("blobs") == 1 && temporary.count("blob_chunks") == 2)
    for (id, architecture) in [("a", "1"), ("b", "2")] {
      _ = try temporary.generators.insert(
        .sample(id, blob: first, architecture: architecture), now: Date())
    }
    try temporary.blobs.release(first)
    try temporary.blobs.release(second)
    try temporary.generators.delete("a")
    #expect(try temporary.blobs.contains(first.digest))
    let reader = try temporary.blobs.reader(for: first.digest)
    try temporary.generators.delete("b")
    #expect(try temporary.count("blobs") == 0 && temporary.count("blob_chunks") == 0)
    #expect(throws: StorageError.blobMissing(first.digest)) { try reader.read(at: 0, count: 1) }
    #expect(throws: StorageError.blobMissing(first.digest)) {
      try temporary.blobs.reader(for: first.digest)
    }
  }

  @Test("held content survives the deletion of its generator, released content does not")
  func holds() throws {
    let temporary = try TemporaryDatabase()
    let blob = try temporary.store([1, 2, 3])
    _ = try temporary.generators.insert(.sample("a", blob: blob), now: Date())
    try temporary.generators.delete("a")
    #expect(try temporary.blobs.contains(blob.digest))
    #expect(try temporary.generators.insert(.sample("b", blob: blob), now: Date()).isNew)
    try temporary.blobs.release(blob)
    #expect(try temporary.blobs.contains(blob.digest))
    try temporary.generators.delete("b")
    #expect(try !temporary.blobs.contains(blob.digest))
    let unused = try temporary.store([4])
    try temporary.blobs.release(unused)
    #expect(try temporary.count("blobs") == 0)
  }

  @Test("nothing is visible before the end, and an abort leaves nothing")
  func abort() throws {
    let temporary = try TemporaryDatabase()
    let content = Self.content(2 * Self.chunk)
    let writer = try temporary.blobs.makeWriter(byteCountMax: .max)
    try writer.append(content)
    #expect(try temporary.count("blob_chunks") == 2)
    #expect(try !temporary.blobs.contains(ContentDigest(hashing: content)))
    writer.abort()
    writer.abort()
    #expect(try temporary.count("blobs") == 0 && temporary.count("blob_chunks") == 0)
    #expect(throws: StorageError.blobWriterClosed) { try writer.append([1]) }
    #expect(throws: StorageError.blobWriterClosed) { try writer.finish() }
    do {
      let forgotten = try temporary.blobs.makeWriter(byteCountMax: .max)
      try forgotten.append(content)
    }
    #expect(try temporary.count("blobs") == 0)
  }

  @Test("the byte limit is exact")
  func limit() throws {
    let temporary = try TemporaryDatabase()
    let fits = try temporary.blobs.makeWriter(byteCountMax: 10)
    try fits.append(Self.content(7))
    try fits.append(Self.content(3))
    #expect(try fits.finish().byteCount == 10)
    let over = try temporary.blobs.makeWriter(byteCountMax: 10)
    try over.append(Self.content(7))
    #expect(throws: StorageError.blobTooLarge(byteCountMax: 10)) {
      try over.append(Self.content(4))
    }
    #expect(throws: StorageError.blobWriterClosed) { try over.finish() }
    #expect(try temporary.count("blobs") == 1)
  }

  @Test("what a dead process left half written or unused is gone after the next start")
  func sweep() throws {
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/db.sqlite"
    let first = try Database(path: path)
    let blobs = BlobStore(database: first)
    let used = try blobs.makeWriter(byteCountMax: .max)
    try used.append([1])
    let kept = try used.finish()
    _ = try GeneratorStore(database: first).insert(.sample("a", blob: kept), now: Date())
    let unused = try blobs.makeWriter(byteCountMax: .max)
    try unused.append([2])
    let orphan = try unused.finish()
    let half = try blobs.makeWriter(byteCountMax: .max)
    try half.append(Self.content(2 * Self.chunk))
    try first.close()
    let second = try Database(path: path)
    #expect(try BlobStore(database: second).contains(kept.digest))
    #expect(try !BlobStore(database: second).contains(orphan.digest))
    #expect(try second.executeRaw("SELECT CAST(COUNT(*) AS TEXT) FROM blobs") == "1")
    #expect(try second.executeRaw("SELECT CAST(COUNT(*) AS TEXT) FROM blob_chunks") == "1")
    try second.close()
    half.abort()
  }

  @Test("racing uploads of the same content end as one")
  func racing() throws {
    let temporary = try TemporaryDatabase()
    let content = Self.content(Self.chunk + 5)
    let made = race(threads: 4) { _ in try? temporary.store(content) }
    #expect(made.count { $0 != nil } == 4 && Set(made).count == 1)
    #expect(try temporary.count("blobs") == 1 && temporary.count("blob_chunks") == 2)
  }
}
