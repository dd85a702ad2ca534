// Copies are whole and sound, appear at once, and replace nothing unasked.

import Foundation
import Jobs
import Storage
import Synchronization
import Testing

@Suite("Backups")
struct BackupTests {
  private func files(in folder: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder))
  }

  @Test("a copy that is made while the database is written is what was committed at one moment")
  func whileWritten() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let store = temporary.jobs
    let isDone = Atomic<Bool>(false)
    let copies = race(threads: 3) { thread -> [String] in
      guard thread == 0 else {
        var count = 0
        while !isDone.load(ordering: .relaxed) {
          _ = try? store.add(.sample("job-\(thread)-\(count)"))
          if let claimed = try? store.take() { _ = try? store.end(claimed, at: 1) }
          count += 1
        }
        return []
      }
      defer { isDone.store(true, ordering: .relaxed) }
      return (0..<5).map { index in
        let file = temporary.folder + "/copy-\(index).sqlite"
        do {
          #expect(try DatabaseBackup.copy(of: temporary.path, to: file) > 4096)
        } catch {
          Issue.record(error)
        }
        return file
      }
    }.flatMap { $0 }
    #expect(copies.count == 5)
    var last = 0
    for file in copies {
      #expect(try DatabaseCheck.findings(in: file, isFull: true) == [])
      let copy = try Database(path: file)
      let counts = try SQLiteJobStore(database: copy).statistics(now: moment(0)).counts
      let count = counts.values.reduce(0, +)
      #expect(count >= last)
      last = count
      try copy.close()
    }
  }

  @Test("what is there is not replaced unless that is asked, and nothing else is left behind")
  func replacing() throws {
    let temporary = try TemporaryDatabase()
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/copy.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: file)
    let first = try Data(contentsOf: URL(fileURLWithPath: file))
    try temporary.addGenerator("gen")
    #expect(throws: BackupError.destinationExists(path: file)) {
      try DatabaseBackup.copy(of: temporary.path, to: file)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == first)
    try DatabaseBackup.copy(of: temporary.path, to: file, replaces: true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) != first)
    #expect(try files(in: folder) == ["copy.sqlite"])
    #expect(throws: BackupError.self) {
      try DatabaseBackup.copy(of: temporary.path, to: folder + "/none/copy.sqlite")
    }
    #expect(throws: BackupError.self) {
      try DatabaseBackup.copy(of: folder + "/none.sqlite", to: folder + "/other.sqlite")
    }
    #expect(try files(in: folder) == ["copy.sqlite"])
  }

  @Test("a restored database is the copy; what was there is kept")
  func restore() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    try temporary.jobs.add(.sample("a"))
    let file = temporary.folder + "/copy.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: file)
    try temporary.jobs.add(.sample("b"))
    // Not while somebody has it.
    let pid = Int(ProcessInfo.processInfo.processIdentifier)
    #expect(throws: BackupError.storage(.locked(path: temporary.path, holderPID: pid))) {
      try DatabaseBackup.restore(file, to: temporary.path, now: moment(0))
    }
    #expect(try temporary.jobs.find("b") != nil)
    try temporary.database.close()
    let kept = try #require(try DatabaseBackup.restore(file, to: temporary.path, now: moment(0)))
    #expect(kept == temporary.path + ".before-1700000000")
    for (path, ids) in [(temporary.path, ["a"]), (kept, ["a", "b"])] {
      let database = try Database(path: path)
      let jobs = try SQLiteJobStore(database: database).list(JobQuery(), page: PageRequest()).jobs
      #expect(jobs.map(\.id).sorted() == ids)
      try database.close()
    }
    let elsewhere = temporary.folder + "/new.sqlite"
    #expect(try DatabaseBackup.restore(file, to: elsewhere, now: moment(0)) == nil)
    #expect(try DatabaseCheck.findings(in: elsewhere, isFull: true) == [])
    #expect(try !files(in: temporary.folder).contains { $0.hasSuffix(".partial") })
  }

  @Test("what is no backup, is damaged or of a newer version is not restored")
  func refused() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for index in 0..<200 { try temporary.jobs.add(.sample("job-\(index)")) }
    let good = temporary.folder + "/good.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: good)
    try temporary.database.executeRaw("INSERT INTO grdb_migrations VALUES ('9999-future')")
    let newer = temporary.folder + "/newer.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: newer)
    try temporary.database.executeRaw(
      "DELETE FROM grdb_migrations WHERE identifier = '9999-future'")
    try temporary.database.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: temporary.path))
    func restored(_ file: String) -> BackupError? {
      do throws(BackupError) {
        _ = try DatabaseBackup.restore(file, to: temporary.path, now: moment(0))
        return nil
      } catch {
        return error
      }
    }
    #expect(
      restored(newer) == .storage(.newerSchema(path: newer, migrations: ["9999-future"])))
    let text = temporary.folder + "/text.sqlite"
    try Data(String(repeating: "no database\n", count: 999).utf8).write(
      to: URL(fileURLWithPath: text))
    #expect(restored(text) != nil)
    var bytes = try Data(contentsOf: URL(fileURLWithPath: good))
    // The middle of the file, away from the header.
    for index in bytes.count / 2..<bytes.count / 2 + 8192 { bytes[index] ^= 0x5a }
    let torn = temporary.folder + "/torn.sqlite"
    try bytes.write(to: URL(fileURLWithPath: torn))
    #expect(restored(torn) != nil)
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: torn))
    #expect(restored(torn) != nil)
    #expect(restored(temporary.folder + "/missing.sqlite") != nil)
    #expect(try Data(contentsOf: URL(fileURLWithPath: temporary.path)) == before)
    #expect(restored(good) == nil)
  }

  @Test("migrations are rehearsed on a copy; the database stays as it is")
  func rehearsal() throws {
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/old.sqlite"
    try Database.make(at: path, upTo: "0006-batches", statements: [])
    let pending = try MigrationPlan.pending(at: path)
    #expect(pending.first == "0007-queue" && pending.contains("0010-upkeep"))
    #expect(try MigrationPlan.rehearse(at: path) == [])
    #expect(try MigrationPlan.pending(at: path) == pending)
    #expect(try !files(in: folder).contains { $0.contains("rehearsal") })
    try Database(path: path).close()
    #expect(try MigrationPlan.pending(at: path) == [])
    #expect(try MigrationPlan.pending(at: folder + "/none.sqlite").count > pending.count)
  }
}
