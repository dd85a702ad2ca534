// The one SQLite file that everything is stored in.

import Dispatch
import Foundation
import GRDB
import Jobs
import Synchronization

/// An open database: its lock, its connections and the way to them.
///
/// Reads run side by side on their own connections and see the last commit. All writes and all
/// checkpoints are the one writer's. Another process may see to the tokens meanwhile: see
/// `init(beside:)`.
public final class Database: Sendable {
  /// The file, as it was given.
  public let path: String
  let pool: DatabasePool
  private let lock: Mutex<DatabaseLock?>
  let writerLock: WriterLock
  /// The writer's `PRAGMA synchronous`; touched on the writer only.
  let flushes = Atomic<Bool>(false)
  let line = Mutex(CommitLine<WriteTurn>())
  /// Commits where no caller's thread does.
  let committing = DispatchQueue(label: "preimage.commits")
  /// Tells callers that did not wait, while the next commit is under way.
  let telling = DispatchQueue(label: "preimage.commits.told")
  let logPages: LogPages
  /// Writes that share a commit at most: a bound on how long the first of them waits.
  static let togetherMax = 256
  /// `nil` beside another process and once closed.
  let glance: JobGlance?
  /// Content that somebody works with and that must not be dropped for want of a generator.
  let blobHolds = Mutex<[ContentDigest: Int]>([:])
  /// Uploads that ended without a blob and whose rows could not be removed yet.
  let failedUploads = Mutex<Set<Int64>>([])

  /// Opens or creates the database, brings it to the present schema and removes half uploads.
  ///
  /// - Parameters:
  ///   - readersMax: how many reads may run at once, 1 or more.
  ///   - busySeconds: how long to wait for a lock that should not be there.
  /// - Throws: `locked`, `foreignDatabase`, `newerSchema`, `corrupt`, `full`, `io`.
  public init(path: String, readersMax: Int = 4, busySeconds: Double = 5) throws(StorageError) {
    self.path = path
    let lock = try DatabaseLock(databasePath: path)
    self.lock = Mutex(lock)
    let writerLock = try WriterLock(databasePath: path)
    self.writerLock = writerLock
    let logPages = LogPages()
    self.logPages = logPages
    do {
      pool = try writerLock.withLock {
        let pool = try DatabasePool(
          path: path,
          configuration: Database.configuration(
            path: path, readersMax: readersMax, busySeconds: busySeconds))
        try Database.migrate(pool, path: path)
        pool.writeWithoutTransaction { db in logPages.follow(db) }
        return pool
      }
    } catch {
      throw StorageError(sorting: error)
    }
    glance = try JobGlance(path: path)
    try BlobStore(database: self).sweep()
  }

  /// Opens a database that another process may have, for statements that are short and that the
  /// other process expects at any time: those on tokens. Nothing is migrated or swept, and all
  /// checkpoints are left to the other.
  ///
  /// - Throws: `schemaIncomplete` when the file is missing or of an older version: open it alone
  ///   then; `foreignDatabase`, `newerSchema`, `corrupt`, `io`.
  public init(beside path: String, busySeconds: Double = 5) throws(StorageError) {
    self.path = path
    lock = Mutex(nil)
    glance = nil
    logPages = LogPages()
    guard FileManager.default.fileExists(atPath: path) else { throw .schemaIncomplete(path: path) }
    let writerLock = try WriterLock(databasePath: path)
    self.writerLock = writerLock
    do {
      var configuration = Database.configuration(
        path: path, readersMax: 1, busySeconds: busySeconds)
      configuration.prepareDatabase { db in
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
      }
      pool = try writerLock.withLock {
        let pool = try DatabasePool(path: path, configuration: configuration)
        let isComplete = try pool.read { try Schema.migrator.hasCompletedMigrations($0) }
        guard isComplete else { throw StorageError.schemaIncomplete(path: path) }
        try Database.refuseNewer(pool, path: path)
        return pool
      }
    } catch {
      throw StorageError(sorting: error)
    }
  }

  /// Closes all connections and lets go of the lock. Calls that come later throw.
  public func close() throws(StorageError) {
    committing.sync {}
    telling.sync {}
    glance?.close()
    do {
      try writerLock.withLock {
        // The connection that is closed last only reads, and would leave all of it in the log.
        if glance != nil {
          try? pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
          }
        }
        try pool.close()
      }
    } catch {
      throw StorageError(sorting: error)
    }
    lock.withLock { $0 = nil }
  }

  /// Writes a row and waits for the disk: for readiness. Costs one flush; do not call it more than
  /// about once a second.
  public func checkWritable() throws(StorageError) {
    try write(.flushed) { db in
      try db.execute(sql: "UPDATE probes SET count = count + 1 WHERE id = 1")
    }
  }

  /// Bytes on disk: the database, its write-ahead log and the log's index.
  public var byteCount: Int {
    ["", "-wal", "-shm"].reduce(0) { total, suffix in
      var status = stat()
      return stat(path + suffix, &status) == 0 ? total + Int(status.st_size) : total
    }
  }
}

extension Database {
  /// Runs `body` on a reading connection; throws whatever it throws.
  func withReader<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
    try pool.read(body)
  }

  /// Runs `body` on a reading connection without a transaction, which costs a third of the time of a
  /// short read; each of its statements sees the last commit. Throws whatever it throws.
  func withStatementReader<Value>(_ body: (GRDB.Database) throws -> Value) throws -> Value {
    try pool.unsafeRead(body)
  }

  func write<Value>(
    _ durability: Durability, _ body: (GRDB.Database) throws -> Value
  ) throws(StorageError) -> Value {
    do { return try withWriter(durability, body) } catch { throw StorageError(sorting: error) }
  }

  func read<Value>(
    _ body: (GRDB.Database) throws -> Value
  ) throws(StorageError) -> Value {
    do { return try withReader(body) } catch { throw StorageError(sorting: error) }
  }

  func readStatement<Value>(
    _ body: (GRDB.Database) throws -> Value
  ) throws(StorageError) -> Value {
    do { return try withStatementReader(body) } catch { throw StorageError(sorting: error) }
  }

  /// Runs one statement on the writer, outside any store: how tests reach below the stores.
  ///
  /// - Returns: the first column of the first row, as text.
  @discardableResult
  package func executeRaw(_ sql: String) throws(StorageError) -> String? {
    do {
      return try pool.writeWithoutTransaction { db in try String.fetchOne(db, sql: sql) }
    } catch {
      throw StorageError(sorting: error)
    }
  }

  private static func configuration(
    path: String, readersMax: Int, busySeconds: Double
  ) -> Configuration {
    var configuration = Configuration()
    configuration.label = "preimage"
    configuration.maximumReaderCount = max(readersMax, 1)
    configuration.persistentReadOnlyConnections = true
    configuration.busyMode = .timeout(busySeconds)
    configuration.prepareDatabase { db in
      // Runs before the first table is made, the only time when auto_vacuum can be chosen. Choosing it
      // commits: a process that died before the next line left a file without its mark.
      let mark = try Int32.fetchOne(db, sql: "PRAGMA application_id")
      if mark == 0, try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master") == 0 {
        try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      } else if mark != Schema.applicationID {
        throw StorageError.foreignDatabase(path: path)
      }
      try db.execute(
        sql: """
          PRAGMA trusted_schema = OFF;
          PRAGMA temp_store = MEMORY;
          PRAGMA journal_size_limit = 67108864;
          PRAGMA cache_size = -16384;
          """)
    }
    return configuration
  }

  /// Makes a database as an earlier version left it, for tests of the steps that came later.
  ///
  /// - Parameter statements: run one by one on what `migration` led to.
  package static func make(
    at path: String, upTo migration: String, statements: [String]
  ) throws(StorageError) {
    do {
      let pool = try DatabasePool(
        path: path, configuration: configuration(path: path, readersMax: 1, busySeconds: 5))
      try Schema.migrator.migrate(pool, upTo: migration)
      try pool.write { db in for sql in statements { try db.execute(sql: sql) } }
      try pool.close()
    } catch {
      throw StorageError(sorting: error)
    }
  }

  private static func migrate(_ pool: DatabasePool, path: String) throws {
    try refuseNewer(pool, path: path)
    try Schema.migrator.migrate(pool)
  }

  private static func refuseNewer(_ pool: DatabasePool, path: String) throws {
    let unknown = try pool.read { try Schema.unknownMigrations($0) }
    guard unknown.isEmpty else {
      throw StorageError.newerSchema(path: path, migrations: unknown)
    }
  }
}
