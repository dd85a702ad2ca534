import ArgumentParser
import Foundation
import ServiceConfiguration
import Storage

/// `preimage check`: are the settings acceptable, where does each come from, and is the database
/// sound?
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks the configuration and the database.",
    discussion: """
      Prints the settings that differ from their defaults, then what is wrong with the database; a \
      server may use it meanwhile. Nothing is changed. Fails when anything is wrong.
      """)

  @OptionGroup var options: SettingsOptions

  @Flag(help: "Print the documented defaults as a configuration file, and check nothing.")
  var defaults = false

  @Flag(help: "Read every page of the database and the digest of every stored content.")
  var full = false

  func run() throws {
    if defaults {
      print(ServiceSettings.documentedDefaults, terminator: "")
      return
    }
    let loaded = try options.load()
    for (key, source) in loaded.sources.sorted(by: { $0.key < $1.key }) {
      print("\(key)  from \(source)")
    }
    print("The configuration is good.")
    try checkDatabase(loaded.settings.storage.database)
  }

  private func checkDatabase(_ path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else {
      print("There is no database '\(path)' yet.")
      return
    }
    let findings = try DatabaseCheck.findings(in: path, isFull: full)
    for finding in findings { print(finding) }
    guard findings.isEmpty else { throw ExitCode.failure }
    print("The database '\(path)' is sound\(full ? "" : ", as far as a quick check can tell").")
    let pending = try MigrationPlan.pending(at: path)
    if !pending.isEmpty {
      print("The next start brings it up to date: \(pending.joined(separator: ", ")).")
    }
  }
}
