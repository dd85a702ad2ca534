import ArgumentParser
import Foundation
import ServiceConfiguration
import Storage

/// `preimage restore`: a copy in the place of the database.
struct Restore: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts a backup in the place of the database.",
    discussion: """
      Refuses while a server has the database, and what is not a sound backup that this version can \
      use. What was there before is kept beside it. Run by root, it leaves files of whom those \
      before belonged to, or of the folder's owner.
      """)

  @OptionGroup var options: DatabaseOptions

  @Argument(help: "A file that backup made.")
  var file: String

  func run() throws {
    let (database, kept) = try options.withCopies { storage in
      (
        storage.database,
        try DatabaseBackup.restore(
          file, to: storage.database, now: Date(), sparing: storage.freeBytesMin)
      )
    }
    print("\(database) is what \(file) was.")
    if let kept { print("What was there before is \(kept).") }
  }
}
