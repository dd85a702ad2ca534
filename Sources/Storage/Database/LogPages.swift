// How long the write-ahead log is, as SQLite tells its writer after each commit.

import GRDB
import GRDBSQLite
import Synchronization

/// Counts the pages of the log in place of SQLite's own checkpoints, which come within a commit and
/// before its callers are told.
final class LogPages: Sendable {
  private let count = Atomic(0)

  /// Takes the place of `PRAGMA wal_autocheckpoint` for the connection, which must not outlive it.
  func follow(_ db: GRDB.Database) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    sqlite3_wal_hook(
      db.sqliteConnection,
      { context, _, _, pages in
        guard let context else { return SQLITE_OK }
        Unmanaged<LogPages>.fromOpaque(context).takeUnretainedValue()
          .count.store(Int(pages), ordering: .relaxed)
        return SQLITE_OK
      }, context)
  }

  /// At SQLite's own number the writer stands still for some milliseconds at a time.
  var areManyEnough: Bool { count.load(ordering: .relaxed) >= 1000 }
}
