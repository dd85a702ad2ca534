// What bringing a database up to date would do.

import Foundation
import GRDB

/// The migrations that a database lacks.
public enum MigrationPlan {
  /// Those that opening it would run, in their order; all of them when there is no file.
  ///
  /// - Throws: `storage` with `newerSchema`, `foreignDatabase`, or what reading may throw.
  public static func pending(at path: String) throws(BackupError) -> [String] {
    guard Files.exists(path) else { return Schema.migrator.migrations }
    let reader = try DatabaseBackup.reader(of: path)
    do {
      let (applied, unknown) = try reader.read { db in
        (
          Set(try Schema.migrator.appliedIdentifiers(db)),
          try Schema.unknownMigrations(db)
        )
      }
      try reader.close()
      guard unknown.isEmpty else {
        throw StorageError.newerSchema(path: path, migrations: unknown)
      }
      return Schema.migrator.migrations.filter { !applied.contains($0) }
    } catch {
      throw BackupError(sorting: error)
    }
  }

  /// Runs them on a copy beside the database, looks it over and throws it away. The database itself,
  /// which a server of the earlier version may be using, is only read.
  ///
  /// - Parameter sparing: bytes that are to stay free on the disk.
  /// - Returns: what is wrong with the result; nothing when the migrations would succeed.
  /// - Throws: `noRoom` before anything is written, `storage`.
  public static func rehearse(at path: String, sparing: Int = 0) throws(BackupError) -> [String] {
    let draft = try Draft(for: path)
    defer { draft.discard() }
    try DatabaseBackup.makeCopy(of: path, at: draft, sparing: sparing)
    do {
      let copy = try draft.opened { try DatabaseQueue(path: $0) }
      try Schema.migrator.migrate(copy)
      try copy.close()
    } catch {
      throw BackupError(sorting: error)
    }
    return try DatabaseCheck.findings(in: draft.path, isFull: false)
  }
}
