import ArgumentParser
import Foundation
import ServiceConfiguration
import Storage

/// `preimage backup`: a whole copy of the database.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies the database into one file, also while a server runs on it.",
    discussion: """
      The copy is what was committed when it began. It is checked before it appears under its name, \
      and a file that is there already is left as it is.
      """)

  @OptionGroup var options: DatabaseOptions

  @Flag(help: "Replace a file that is there already.")
  var force = false

  @Argument(help: "The file to make.")
  var file: String

  func run() throws {
    let database = try options.path()
    let bytes = try DatabaseBackup.copy(of: database, to: file, replaces: force)
    print("\(file)  \(bytes) bytes")
  }
}

/// `preimage restore`: a copy in the place of the database.
struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts a backup in the place of the database.",
    discussion: """
      Refuses while a server has the database, and what is not a sound backup that this version can \
      use. What was there before is kept beside it.
      """)

  @OptionGroup var options: DatabaseOptions

  @Argument(help: "A file that backup made.")
  var file: String

  func run() throws {
    let database = try options.path()
    let kept = try DatabaseBackup.restore(file, to: database, now: Date())
    print("\(database) is what \(file) was.")
    if let kept { print("What was there before is \(kept).") }
  }
}

/// `preimage migrate`: the database brought up to date, or what that would do.
struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Brings the database up to date, as the server does when it starts.")

  @OptionGroup var options: DatabaseOptions

  @Flag(help: "Say what would be done, try it on a copy, and change nothing.")
  var dryRun = false

  func run() throws {
    let database = try options.path()
    let pending = try MigrationPlan.pending(at: database)
    for name in pending { print("\(name)  \(dryRun ? "would run" : "runs")") }
    if pending.isEmpty {
      print("The database is up to date.")
    } else if !dryRun {
      try Database(path: database).close()
      print("The database is up to date.")
    } else if FileManager.default.fileExists(atPath: database) {
      let findings = try MigrationPlan.rehearse(at: database)
      for finding in findings { print(finding) }
      guard findings.isEmpty else { throw ExitCode.failure }
      print("They ran on a copy, which was sound afterwards; the database was not changed.")
    }
  }
}

/// Which database is meant.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "The SQLite file.")
  var database: String?

  @Option(help: "A YAML file of settings that names the database.")
  var config: String?

  /// The file's path; what the command makes is for its user alone.
  func path() throws -> String {
    FilePermissions.keepToOneself()
    return try SettingsOptions.load(["database": database, "config": config]).settings.storage
      .database
  }
}
