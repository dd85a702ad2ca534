// Finished jobs go when they are too old or too many, never before their time, and leave no bytes.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Retention")
struct RetentionTests {
  /// Finished one a second from the first second on, `kilobytes` each, and one that waits.
  private func archive(_ count: Int, kilobytes: Int = 1) throws -> TemporaryDatabase {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for index in 0..<count {
      try temporary.jobs.add(.sample("job-\(index)"))
      let claimed = try #require(try temporary.jobs.take(at: Double(index)))
      let report = JobReport(
        outcome: .succeeded, document: [1],
        outputs: ["latent": [UInt8](repeating: UInt8(index % 251), count: 1024 * kilobytes)])
      #expect(
        try temporary.jobs.finish(claimed.lease, report: report, now: moment(Double(index + 1))))
    }
    try temporary.jobs.add(.sample("waiting"))
    return temporary
  }

  private func left(_ temporary: TemporaryDatabase) throws -> [String] {
    try temporary.jobs.list(JobQuery(), page: PageRequest(size: 1000)).jobs.map(\.id)
  }

  @Test("what ended before the age is removed, to the second, and nothing else")
  func age() throws {
    let temporary = try archive(100)
    let retention = Retention(
      database: temporary.database, policy: RetentionPolicy(secondsMax: 40, secondsMin: 0))
    let report = try retention.pass(now: moment(100))
    #expect(report.expired == 60 && report.displaced == 0)
    let expected = (60..<100).map { "job-\($0)" } + ["waiting"]
    #expect(Set(try left(temporary)) == Set(expected))
    #expect(try temporary.count("job_outputs") == 40)
    #expect(try temporary.count("job_attempts") == 40)
    #expect(try DatabaseCheck.findings(in: temporary.path, isFull: true) == [])
    #expect(try retention.pass(now: moment(100)) == RetentionReport())
  }

  @Test("over the size the oldest go until it is met, and the file becomes smaller")
  func size() throws {
    let temporary = try archive(60, kilobytes: 64)
    let before = try temporary.database.bytesInUse()
    let fileBefore = try #require(
      try temporary.database.executeRaw("PRAGMA page_count").flatMap { Int($0) })
    let most = before / 2
    let report = try Retention(
      database: temporary.database, policy: RetentionPolicy(bytesMax: most, secondsMin: 0)
    ).pass(now: moment(1000))
    #expect(report.displaced > 0 && report.pagesFreed > 0)
    #expect(try temporary.database.bytesInUse() <= most)
    let ids = try left(temporary)
    #expect(ids.contains("job-59") && ids.contains("waiting") && !ids.contains("job-0"))
    let pages = try #require(
      try temporary.database.executeRaw("PRAGMA page_count").flatMap { Int($0) })
    #expect(pages <= fileBefore - report.pagesFreed)
    #expect(try temporary.database.executeRaw("PRAGMA freelist_count") == "0")
    #expect(try DatabaseCheck.findings(in: temporary.path, isFull: true) == [])
  }

  @Test("nothing younger than the floor goes, whatever the age and the size say")
  func floor() throws {
    let temporary = try archive(50)
    let report = try Retention(
      database: temporary.database,
      policy: RetentionPolicy(secondsMax: 1, bytesMax: 1, secondsMin: 30)
    ).pass(now: moment(50))
    #expect(report.expired == 20 && report.displaced == 0)
    #expect(try left(temporary).count == 31)
  }

  @Test("without a policy everything stays")
  func none() throws {
    let temporary = try archive(5)
    let report = try Retention(database: temporary.database, policy: RetentionPolicy())
      .pass(now: moment(1e9))
    #expect(report.expired == 0 && report.displaced == 0)
    #expect(try left(temporary).count == 6)
  }

  @Test("a pass stops when told, between two transactions")
  func stops() throws {
    let temporary = try archive(100)
    var asked = 0
    let report = try Retention(
      database: temporary.database, policy: RetentionPolicy(secondsMax: 1, secondsMin: 0)
    ).pass(now: moment(1000)) {
      asked += 1
      return asked > 1
    }
    #expect((1..<100).contains(report.expired))
    #expect(try left(temporary).count == 101 - report.expired)
  }

  @Test("contents that nobody refers to go; those that are held stay")
  func contents() throws {
    let temporary = try archive(1)
    let held = try temporary.store(Array("held".utf8))
    let database = temporary.database
    try database.executeRaw(
      """
      INSERT INTO blobs (state, digest, byte_count)
      VALUES ('ready', x'\(String(repeating: "ab", count: 32))', 3)
      """)
    let retention = Retention(database: database, policy: RetentionPolicy())
    _ = try retention.pass(now: moment(9))
    #expect(try temporary.count("blobs") == 2)
    #expect(try temporary.blobs.contains(held.digest))
    try temporary.blobs.release(held)
    #expect(try temporary.count("blobs") == 1)
  }

  @Test(
    "rows of a failed upload that could not be removed go with a later pass, those of others stay",
    arguments: ["abort", "limit", "duplicate"])
  func failedUploads(ending: String) throws {
    let temporary = try TemporaryDatabase()
    let content = [UInt8](repeating: 1, count: BlobStore.chunkBytes + 1)
    let held = try temporary.store(content)
    let other = try temporary.blobs.makeWriter(byteCountMax: .max)
    try other.append([UInt8](repeating: 2, count: BlobStore.chunkBytes))
    let failed = try temporary.blobs.makeWriter(byteCountMax: content.count)
    try failed.append(content)
    // As on a full disk: nothing can be removed.
    try temporary.database.executeRaw(
      """
      CREATE TRIGGER full BEFORE DELETE ON blob_chunks
      BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END
      """)
    switch ending {
    case "abort": failed.abort()
    case "limit": #expect(throws: StorageError.self) { try failed.append([1]) }
    default: #expect(try failed.finish() == held)
    }
    let retention = Retention(database: temporary.database, policy: RetentionPolicy())
    let rows = ending == "duplicate" ? 5 : 4
    #expect(try temporary.count("blob_chunks") == rows)
    #expect(throws: StorageError.self) { try retention.pass(now: moment(0)) }
    try temporary.database.executeRaw("DROP TRIGGER full")
    _ = try retention.pass(now: moment(0))
    // Two of what is held, one of the upload that goes on.
    #expect(try temporary.count("blob_chunks") == 3 && temporary.count("blobs") == 2)
    #expect(try other.finish().byteCount == BlobStore.chunkBytes)
  }

  @Test("a batch goes with the last of its jobs")
  func batches() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    _ = try temporary.jobs.enqueue(
      BatchSubmission(
        common: .sample("batch"), document: [],
        members: [(id: "a", input: []), (id: "b", input: [])]),
      admission: JobAdmission(), now: moment(0))
    let retention = Retention(
      database: temporary.database, policy: RetentionPolicy(secondsMax: 1, secondsMin: 0))
    for count in [1, 0] {
      let claimed = try #require(try temporary.jobs.take(at: 1))
      try temporary.jobs.end(claimed, at: 1)
      _ = try retention.pass(now: moment(10))
      #expect(try temporary.count("batches") == count)
    }
  }
}
