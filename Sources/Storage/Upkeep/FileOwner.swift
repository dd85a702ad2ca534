// Whose files are, where a command of root works on what belongs to a service's user.

import Foundation

/// The user and the group that a file belongs to.
public struct FileOwner: Sendable, Equatable {
  let user: uid_t
  let group: gid_t

  /// - Returns: `nil` for what is not there, and for what is a link.
  init?(of path: String) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFLNK else { return nil }
    user = status.st_uid
    group = status.st_gid
  }

  /// Whose a database is or is to be, where that is not root, who runs this: the file's owner, or its
  /// folder's where there is no file or root made it.
  ///
  /// - Returns: `nil` for every other user, whose files are his own anyway.
  public static func entitled(to path: String) -> FileOwner? {
    guard geteuid() == 0 else { return nil }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    return [path, folder].lazy.compactMap { FileOwner(of: $0) }.first { $0.user != 0 }
  }

  /// Gives it what root has made of a database and beside it. What belongs to others stays theirs.
  public func takeOver(_ path: String) throws(StorageError) {
    for name in ["", "-wal", "-shm", ".lock", ".writer"].map({ path + $0 }) {
      guard let owner = FileOwner(of: name), owner.user == 0 else { continue }
      try take(name)
    }
  }

  /// Not what a link leads to: others may write into the folder.
  func take(_ path: String) throws(StorageError) {
    guard lchown(path, user, group) == 0 else { throw Files.failure("give away", path) }
  }
}
