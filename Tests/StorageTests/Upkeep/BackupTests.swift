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
    #expect(try !files(in: temporary.folder).contains { $0.hasSuffix("-draft") })
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

  @Test("what a process that was killed left in its log is kept with the database that it is of")
  func logOfTheReplaced() throws {
    let temporary = try TemporaryDatabase()
    let copy = try writtenAfterCopy(temporary)
    let path = try killed(temporary)
    let kept = try #require(try DatabaseBackup.restore(copy, to: path, now: moment(0)))
    #expect(try ids(in: path) == ["a"])
    // One file: had it been moved without its log, "b" would be gone.
    #expect(!FileManager.default.fileExists(atPath: kept + "-wal"))
    #expect(try ids(in: kept) == ["a", "b"])
  }

  @Test(
    "a log that has lost its database is not carried out on what is put there",
    arguments: ["-wal", "-journal"])
  func strayLog(suffix: String) throws {
    let temporary = try TemporaryDatabase()
    let copy = try writtenAfterCopy(temporary)
    let path = try killed(temporary)
    try FileManager.default.removeItem(atPath: path)
    let log = path + suffix
    if suffix != "-wal" { try FileManager.default.moveItem(atPath: path + "-wal", toPath: log) }
    #expect(throws: BackupError.logInTheWay(path: log)) {
      try DatabaseBackup.copy(of: temporary.path, to: path)
    }
    let kept = try DatabaseBackup.restore(copy, to: path, now: moment(0))
    #expect(kept == path + ".before-1700000000")
    #expect(!FileManager.default.fileExists(atPath: log))
    #expect(FileManager.default.fileExists(atPath: path + ".before-1700000000" + suffix))
    #expect(try ids(in: path) == ["a"])
    #expect(try DatabaseCheck.findings(in: path, isFull: true) == [])
  }

  @Test("a copy that replaces a database replaces its log, too")
  func replacingWithLog() throws {
    let temporary = try TemporaryDatabase()
    let copy = try writtenAfterCopy(temporary)
    let path = try killed(temporary)
    try DatabaseBackup.copy(of: copy, to: path, replaces: true)
    #expect(try ids(in: path) == ["a"])
  }

  @Test("a copy does not replace a database that is served, or its own source")
  func notReplaced() throws {
    let temporary = try TemporaryDatabase()
    let copy = try writtenAfterCopy(temporary)
    let pid = Int(ProcessInfo.processInfo.processIdentifier)
    #expect(throws: BackupError.storage(.locked(path: temporary.path, holderPID: pid))) {
      try DatabaseBackup.copy(of: copy, to: temporary.path, replaces: true)
    }
    let alias = temporary.folder + "/alias.sqlite"
    try FileManager.default.createSymbolicLink(atPath: alias, withDestinationPath: temporary.path)
    for name in [temporary.path, alias, temporary.path + "-wal", temporary.path + "-journal"] {
      #expect(throws: BackupError.destinationIsSource(path: name)) {
        try DatabaseBackup.copy(of: temporary.path, to: name, replaces: true)
      }
    }
    #expect(try temporary.jobs.find("b") != nil)
    // Once it is closed, it may be replaced.
    try temporary.database.close()
    try DatabaseBackup.copy(of: copy, to: temporary.path, replaces: true)
    #expect(try ids(in: temporary.path) == ["a"])
  }

  /// Stores "a", makes the copy that is returned, and stores "b".
  private func writtenAfterCopy(_ temporary: TemporaryDatabase) throws -> String {
    try temporary.addGenerator("gen")
    try temporary.jobs.add(.sample("a"))
    let copy = temporary.folder + "/copy.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: copy)
    try temporary.jobs.add(.sample("b"))
    return copy
  }

  /// The database as `kill -9` would leave it now, in a folder of its own.
  private func killed(_ temporary: TemporaryDatabase) throws -> String {
    let folder = temporary.folder + "/killed"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: temporary.path + suffix, toPath: folder + "/db.sqlite" + suffix)
    }
    return folder + "/db.sqlite"
  }

  private func ids(in path: String) throws -> [String] {
    let database = try Database(path: path)
    defer { try? database.close() }
    return try SQLiteJobStore(database: database).list(JobQuery(), page: PageRequest()).jobs
      .map(\.id).sorted()
  }

  @Test("what a copy that was killed has left goes with the next in its folder, and nothing else")
  func leftDrafts() throws {
    let temporary = try TemporaryDatabase()
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in [
      "monday.sqlite.preimage-draft", "monday.sqlite.preimage-draft-journal", "other.partial",
      "held.sqlite.preimage-draft",
    ] {
      try Data([1]).write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    let held = open(folder + "/held.sqlite.preimage-draft", O_RDONLY)
    defer { close(held) }
    #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
    try DatabaseBackup.copy(of: temporary.path, to: folder + "/tuesday.sqlite")
    #expect(
      try files(in: folder) == ["tuesday.sqlite", "other.partial", "held.sqlite.preimage-draft"])
    let draft = folder + "/held.sqlite.preimage-draft"
    #expect(throws: BackupError.storage(.busy(detail: "another process makes '\(draft)'"))) {
      try DatabaseBackup.copy(of: temporary.path, to: folder + "/held.sqlite")
    }
  }

  @Test(
    "what root restores belongs to the owner of what was replaced, or of the folder",
    .enabled(if: geteuid() == 0, "only root gives files away"),
    arguments: [(4001, 4002, 4001), (nil, 4002, 4002), (0, 4002, 4002), (4001, 0, 4001), (0, 0, 0)])
  func owners(file: Int?, folder: Int, expected: Int) throws {
    let temporary = try TemporaryDatabase()
    let copy = temporary.folder + "/copy.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: copy)
    let place = temporary.folder + "/place"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let path = place + "/db.sqlite"
    if let file {
      try FileManager.default.copyItem(atPath: copy, toPath: path)
      #expect(chown(path, uid_t(file), gid_t(file)) == 0)
    }
    #expect(chown(place, uid_t(folder), gid_t(folder)) == 0)
    _ = try DatabaseBackup.restore(copy, to: path, now: moment(0))
    for name in [path, path + ".lock", path + ".writer"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: name)
      #expect(attributes[.ownerAccountID] as? Int == expected, "\(name)")
      #expect(attributes[.groupOwnerAccountID] as? Int == expected, "\(name)")
    }
    if let file {
      let kept = try FileManager.default.attributesOfItem(atPath: path + ".before-1700000000")
      #expect(kept[.ownerAccountID] as? Int == file)
    }
  }

  @Test("a copy that would leave less free than is asked is not begun")
  func room() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let file = temporary.folder + "/copy.sqlite"
    try DatabaseBackup.copy(of: temporary.path, to: file, sparing: 0)
    let free = try #require(temporary.database.freeBytes)
    let other = temporary.folder + "/other.sqlite"
    let copies: [(Int) throws -> Void] = [
      { try DatabaseBackup.copy(of: temporary.path, to: file, replaces: true, sparing: $0) },
      { _ = try MigrationPlan.rehearse(at: temporary.path, sparing: $0) },
      { _ = try DatabaseBackup.restore(file, to: other, now: moment(0), sparing: $0) },
    ]
    for copy in copies {
      do {
        try copy(.max)
        Issue.record("there is no such disk")
      } catch BackupError.noRoom(_, let bytes, let freeBytes, let sparing) {
        #expect(bytes >= 4096 && freeBytes > 0 && sparing == .max)
      }
      try copy(free / 2)
    }
    #expect(try !files(in: temporary.folder).contains { $0.hasSuffix("-draft") })
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
    #expect(try !files(in: folder).contains { $0.contains("draft") })
    try Database(path: path).close()
    #expect(try MigrationPlan.pending(at: path) == [])
    #expect(try MigrationPlan.pending(at: folder + "/none.sqlite").count > pending.count)
  }
}
