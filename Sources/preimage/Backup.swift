import ArgumentParser
import ServiceConfiguration
import Storage

/// `preimage backup`: a whole copy of the database.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copies the database into one file, also while a server runs on it.",
    discussion: """
      The copy is what was committed when it began. It is checked before it appears under its name, \
      and a file that is there already is left as it is. It is not begun where it would leave less than \
      storage.free_bytes_min free.
      """)

  @OptionGroup var options: DatabaseOptions

  @Flag(help: "Replace a file that is there already.")
  var force = false

  @Argument(help: "The file to make.")
  var file: String

  func run() throws {
    let bytes = try options.withCopies { storage in
      try DatabaseBackup.copy(
        of: storage.database, to: file, replaces: force, sparing: storage.freeBytesMin)
    }
    print("\(file)  \(bytes) bytes")
  }
}
