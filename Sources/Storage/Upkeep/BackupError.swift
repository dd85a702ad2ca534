// Why a copy of a database was not made or not taken.

/// What backing up and restoring may refuse or fail at. What was there before is as it was.
public enum BackupError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is a file already, and it was not said that it may be replaced.
  case destinationExists(path: String)
  /// The copy was to be put in the place of what it is made of.
  case destinationIsSource(path: String)
  /// A log whose database is gone, or in use: SQLite would carry it out on the copy.
  case logInTheWay(path: String)
  /// The copy would leave less on its disk than is to stay free.
  case noRoom(path: String, bytes: Int, freeBytes: Int, sparing: Int)
  /// The copy does not read back as a sound database.
  case unsound(path: String, findings: [String])
  case storage(StorageError)

  public var description: String {
    switch self {
    case .destinationExists(let path):
      "'\(path)' is there already and was left as it is; choose another name, or force it"
    case .destinationIsSource(let path):
      "'\(path)' is of the database itself; choose another name"
    case .logInTheWay(let path):
      "'\(path)' is there and would be taken for the copy's; move it away with what it belongs to, "
        + "or choose another name"
    case .noRoom(let path, let bytes, let freeBytes, let sparing):
      "'\(path)' has \(bytes) bytes, its copy's disk has \(freeBytes) left and is to keep \(sparing); "
        + "make room, or copy to another disk"
    case .unsound(let path, let findings):
      "'\(path)' is not a sound database (\(findings.prefix(3).joined(separator: "; "))); nothing "
        + "was changed"
    case .storage(let error):
      error.description
    }
  }
}
