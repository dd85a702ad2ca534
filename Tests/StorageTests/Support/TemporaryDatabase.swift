// A database file for one test, in memory where the system has a place for that.

import Foundation
import Jobs
import Storage

final class TemporaryDatabase: Sendable {
  let folder: String
  let path: String
  let database: Database

  init() throws {
    folder = try TemporaryDatabase.makeFolder()
    path = folder + "/preimage.sqlite"
    database = try Database(path: path)
  }

  deinit {
    try? database.close()
    try? FileManager.default.removeItem(atPath: folder)
  }

  static func makeFolder() throws -> String {
    let root =
      FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = root + "/preimage-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  var blobs: BlobStore { BlobStore(database: database) }
  var generators: GeneratorStore { GeneratorStore(database: database) }
  var jobs: SQLiteJobStore { SQLiteJobStore(database: database) }

  func count(_ table: String) throws -> Int {
    Int(try database.executeRaw("SELECT CAST(COUNT(*) AS TEXT) FROM \(table)") ?? "") ?? -1
  }

  func store(_ content: [UInt8]) throws -> Blob {
    let writer = try blobs.makeWriter(byteCountMax: 1 << 30)
    try writer.append(content)
    return try writer.finish()
  }

  @discardableResult
  func addGenerator(_ id: String, name: String? = nil) throws -> StoredGenerator {
    let blob = try store(Array("weights of \(id)".utf8))
    let inserted = try generators.insert(
      .sample(id, name: name, blob: blob), now: Date(timeIntervalSince1970: 1000))
    try blobs.release(blob)
    return inserted.generator
  }
}

extension NewGenerator {
  static func sample(
    _ id: String, name: String? = nil, blob: Blob, format: String = "safetensors",
    architecture: String = "{}"
  ) -> NewGenerator {
    NewGenerator(
      id: id, name: name, blob: blob, format: format, architecture: Array(architecture.utf8),
      summary: Array(#"{"layers":[]}"#.utf8), parameterCount: 12)
  }
}
