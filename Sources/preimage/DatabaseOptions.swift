import ArgumentParser
import ServiceConfiguration
import Storage

/// Which database a command works on.
struct DatabaseOptions: ParsableArguments {
  @Option(help: "The SQLite file.")
  var database: String?

  @Option(help: "A YAML file of settings that names the database.")
  var config: String?

  /// Where it lies and what its disk is to have left; what the command makes is for its user alone.
  func storage() throws -> ServiceSettings.Storage {
    FilePermissions.keepToOneself()
    return try SettingsOptions.load(["database": database, "config": config]).settings.storage
  }

  /// Runs `body`, which copies databases: what it has begun goes when the command is told to end.
  func withCopies<Value>(_ body: (ServiceSettings.Storage) throws -> Value) throws -> Value {
    let interruption = Interruption { DatabaseBackup.abandon() }
    defer { withExtendedLifetime(interruption) {} }
    return try body(try storage())
  }

  /// Runs `body` on a database that it may make: as root, for whom it or its folder belongs to.
  func withOwner<Value>(_ body: (_ path: String) throws -> Value) throws -> Value {
    let path = try storage().database
    let owner = FileOwner.entitled(to: path)
    defer { try? owner?.takeOver(path) }
    return try body(path)
  }
}
