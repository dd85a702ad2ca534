import ArgumentParser
import Foundation
import ServiceConfiguration
import Storage

/// `preimage migrate`: the database brought up to date, or what that would do.
struct Migrate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Brings the database up to date, as the server does when it starts.",
    discussion: """
      The copy of a dry run lies beside the database while it is tried, and is not made where it \
      would leave less than storage.free_bytes_min free.
      """)

  @OptionGroup var options: DatabaseOptions

  @Flag(help: "Say what would be done, try it on a copy, and change nothing.")
  var dryRun = false

  func run() throws {
    let database = try options.storage().database
    let pending = try MigrationPlan.pending(at: database)
    for name in pending { print("\(name)  \(dryRun ? "would run" : "runs")") }
    if pending.isEmpty {
      print("The database is up to date.")
    } else if !dryRun {
      try options.withOwner { try Database(path: $0).close() }
      print("The database is up to date.")
    } else if FileManager.default.fileExists(atPath: database) {
      let findings = try options.withCopies {
        try MigrationPlan.rehearse(at: $0.database, sparing: $0.freeBytesMin)
      }
      for finding in findings { print(finding) }
      guard findings.isEmpty else { throw ExitCode.failure }
      print("They ran on a copy, which was sound afterwards; the database was not changed.")
    }
  }
}
