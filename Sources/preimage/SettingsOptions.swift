import ArgumentParser
import Foundation
import ServiceConfiguration

/// The options that settings can be given by, for every subcommand that reads them.
struct SettingsOptions: ParsableArguments {
  @Option(help: "Address to listen at.")
  var host: String?

  @Option(help: "Port to listen at; 0 takes a free one.")
  var port: String?

  @Option(help: "The SQLite file; made when it is not there.")
  var database: String?

  @Option(help: "A YAML file of settings; Config/preimage.yaml shows all of them.")
  var config: String?

  /// Values by option, without dashes.
  typealias Given = [String: String?]

  var given: Given { ["host": host, "port": port, "database": database, "config": config] }

  /// Options over `PREIMAGE_...` variables over the file over the defaults.
  func load() throws -> SettingsLoader.Loaded { try Self.load(given) }

  /// With these options given.
  static func load(_ given: Given) throws -> SettingsLoader.Loaded {
    try SettingsLoader(
      options: given.compactMapValues { $0 }, environment: ProcessInfo.processInfo.environment
    ).load()
  }
}
