// Whole copies of a database: made while it is in use, and put in its place.

import Foundation
import GRDB

/// Makes copies of databases and restores them.
///
/// A copy is what was committed when it began, in one file. It appears under its name only when it
/// is whole, checked and on the disk.
public enum DatabaseBackup {
  /// Copies a database, which may be in use by a server meanwhile.
  ///
  /// - Parameters:
  ///   - replaces: whether a file at `destination` may be replaced.
  ///   - sparing: bytes that are to stay free on the copy's disk, which may be the server's.
  /// - Returns: the copy's bytes.
  /// - Throws: `destinationExists`, `destinationIsSource`, `logInTheWay`, `noRoom`; `unsound` when what
  ///   was copied is damaged; `storage`, with `locked` while a server has `destination`.
  @discardableResult
  public static func copy(
    of path: String, to destination: String, replaces: Bool = false, sparing: Int = 0
  ) throws(BackupError) -> Int {
    guard !companions.contains(where: { Files.isSame(path + $0, destination) }) else {
      throw .destinationIsSource(path: destination)
    }
    guard replaces || !Files.exists(destination) else {
      throw .destinationExists(path: destination)
    }
    let hold = try holdIfServed(destination)
    defer { withExtendedLifetime(hold) {} }
    foldLog(of: destination)
    for suffix in logs where Files.exists(destination + suffix) {
      throw .logInTheWay(path: destination + suffix)
    }
    let draft = try Draft(for: destination)
    defer { draft.discard() }
    try makeCopy(of: path, at: draft, sparing: sparing)
    let findings = try soundness(of: draft.path)
    guard findings.isEmpty else { throw .unsound(path: path, findings: findings) }
    do {
      guard try draft.place(at: destination, replaces: replaces) else {
        throw BackupError.destinationExists(path: destination)
      }
      return try Files.byteCount(destination)
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// Puts a copy in the place of a database that nobody uses.
  ///
  /// What was there is kept beside it, under the name that is returned; so is a log that has lost its
  /// database. What root restores belongs to whom the database, or its folder, belonged to.
  ///
  /// - Parameters:
  ///   - now: names what is kept.
  ///   - sparing: bytes that are to stay free on the disk.
  /// - Returns: where what was replaced is now; `nil` when nothing was there.
  /// - Throws: `storage` with `locked` while a server has the database, with `foreignDatabase` or
  ///   `newerSchema` for a file that this version cannot use; `noRoom`, `unsound`.
  public static func restore(
    _ file: String, to path: String, now: Date, sparing: Int = 0
  ) throws(BackupError) -> String? {
    do {
      let owner = FileOwner.entitled(to: path)
      let lock = try DatabaseLock(databasePath: path)
      defer { withExtendedLifetime(lock) {} }
      return try WriterLock(databasePath: path).withLock {
        try refuseUnusable(file)
        let draft = try Draft(for: path)
        defer { draft.discard() }
        try makeCopy(of: file, at: draft, sparing: sparing)
        let findings = try soundness(of: draft.path)
        guard findings.isEmpty else { throw BackupError.unsound(path: file, findings: findings) }
        for name in [draft.path, DatabaseLock.path(for: path), WriterLock.path(for: path)] {
          try owner?.take(name)
        }
        foldLog(of: path)
        let kept = try setAside(path, now: now)
        _ = try draft.place(at: path, replaces: true)
        return kept
      }
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// Removes what copies that are under way have made so far: for a process that is told to end.
  public static func abandon() { Draft.discardAll() }

  /// Opens a file for reading, whatever its version.
  static func reader(of path: String) throws(BackupError) -> DatabaseQueue {
    guard Files.exists(path) else {
      throw .storage(.io(detail: "there is no file '\(path)'"))
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let application = try queue.read { try Int32.fetchOne($0, sql: "PRAGMA application_id") }
      guard application == Schema.applicationID else {
        throw StorageError.foreignDatabase(path: path)
      }
      return queue
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// Copies what is committed in `source` by SQLite's backup.
  static func makeCopy(
    of source: String, at draft: Draft, sparing: Int
  ) throws(BackupError) {
    let reader = try reader(of: source)
    do {
      let bytes = try reader.read { db in
        try Int.fetchOne(
          db, sql: "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size") ?? 0
      }
      if let free = Files.freeBytes(at: draft.path), free - bytes < sparing {
        throw BackupError.noRoom(path: source, bytes: bytes, freeBytes: free, sparing: sparing)
      }
      let copy = try draft.opened { try DatabaseQueue(path: $0) }
      try reader.backup(to: copy)
      // One file, without a log beside it.
      try copy.writeWithoutTransaction { db in
        _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
      }
      try copy.close()
      try reader.close()
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// What is wrong with the pages and references of a database; nothing when it is sound.
  static func soundness(of path: String) throws(BackupError) -> [String] {
    let reader = try reader(of: path)
    do {
      let findings = try reader.read { try DatabaseCheck.structure($0, isFull: true) }
      try reader.close()
      return findings
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// What SQLite carries out on the file beside it, whosever it is.
  private static let logs = ["-wal", "-journal"]
  /// What lies beside a database and is part of it or of its use.
  private static let companions = ["", "-wal", "-shm", "-journal", ".lock", ".writer"]

  /// Keeps servers from a file that is about to be replaced, where there may be one: whoever has had a
  /// database has left its lock file.
  private static func holdIfServed(_ path: String) throws(BackupError) -> DatabaseLock? {
    guard Files.exists(DatabaseLock.path(for: path)) else { return nil }
    do { return try DatabaseLock(databasePath: path) } catch { throw .storage(error) }
  }

  /// Carries out the log of a database that nobody uses, so that it is one file: whatever happens while
  /// that is replaced, nothing that was committed is parted from it. Where that fails, it stays.
  private static func foldLog(of path: String) {
    guard Files.exists(path), let queue = try? DatabaseQueue(path: path) else { return }
    try? queue.writeWithoutTransaction { db in
      try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try? queue.close()
  }

  /// Gives a database and its log other names. The database keeps its own, too, until another takes it:
  /// at no moment is there none, in whose place a server would make an empty one.
  ///
  /// - Returns: the other name; `nil` when there is nothing.
  private static func setAside(_ path: String, now: Date) throws -> String? {
    let suffixes = ([""] + logs).filter { Files.exists(path + $0) }
    guard !suffixes.isEmpty else { return nil }
    let kept = "\(path).before-\(now.microseconds / 1_000_000)"
    for suffix in suffixes where Files.exists(kept + suffix) {
      throw BackupError.destinationExists(path: kept + suffix)
    }
    for suffix in suffixes { try Files.link(path + suffix, to: kept + suffix) }
    try Files.flushFolder(of: path)
    // Beside another database a log would be taken for that one's, and so would its index.
    for suffix in logs + ["-shm"] { try Files.remove(path + suffix) }
    return kept
  }

  private static func refuseUnusable(_ file: String) throws {
    let reader = try reader(of: file)
    let unknown = try reader.read { try Schema.unknownMigrations($0) }
    guard unknown.isEmpty else {
      throw StorageError.newerSchema(path: file, migrations: unknown)
    }
    try reader.close()
  }
}

extension BackupError {
  init(sorting error: any Error) {
    self = error as? BackupError ?? .storage(StorageError(sorting: error))
  }
}
