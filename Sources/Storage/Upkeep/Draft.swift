// A database that is being made, until it is whole and takes its place.

import Foundation
import Synchronization

/// A new file beside the place that it is meant for, held by a lock while it is worked on.
///
/// One that nobody holds was left by a process that was killed, and is as large as a database: it goes
/// when the next draft is begun in its folder.
final class Draft {
  static let suffix = ".preimage-draft"
  /// Those of this process that have not been placed or discarded.
  private static let open = Mutex<Set<String>>([])

  let path: String
  private let descriptor: Int32

  /// - Throws: `storage` with `busy` while another makes one for the same place, with `io`.
  init(for place: String) throws(BackupError) {
    Draft.sweep(folderOf: place)
    path = place + Draft.suffix
    do throws(StorageError) {
      descriptor = try Draft.make(path)
    } catch {
      throw .storage(error)
    }
  }

  /// Waits for the disk, and gives it the name that it is meant for.
  ///
  /// - Parameter replaces: whether what has the name is replaced.
  /// - Returns: whether it has the name now.
  func place(at destination: String, replaces: Bool) throws(StorageError) -> Bool {
    try Files.flush(path)
    let isPlaced = try Draft.open.withLock { open throws(StorageError) in
      if replaces {
        try Files.rename(path, to: destination)
      } else if try !Files.renameUnlessThere(path, to: destination) {
        return false
      }
      open.remove(path)
      return true
    }
    try Files.flushFolder(of: destination)
    return isPlaced
  }

  /// Removes it, unless it was placed. To be called at the end in any case.
  func discard() {
    Draft.open.withLock { open in
      if open.remove(path) != nil { Draft.remove(path) }
    }
    close(descriptor)
  }

  /// Removes all that this process has begun.
  static func discardAll() {
    open.withLock { open in
      for path in open { remove(path) }
      open = []
    }
  }

  private static func make(_ path: String) throws(StorageError) -> Int32 {
    while true {
      let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else {
        guard errno != EEXIST else { throw .busy(detail: "another process makes '\(path)'") }
        throw Files.failure("make", path)
      }
      // Whoever sweeps may have seen it before it was held.
      var status = stat()
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
        status.st_nlink > 0
      {
        _ = open.withLock { $0.insert(path) }
        return descriptor
      }
      close(descriptor)
    }
  }

  private static func sweep(folderOf place: String) {
    let folder = URL(fileURLWithPath: place).deletingLastPathComponent().path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name.hasSuffix(suffix) {
      let path = folder + "/" + name
      let descriptor = Foundation.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        flock(descriptor, LOCK_EX | LOCK_NB) == 0
      else { continue }
      remove(path)
    }
  }

  /// With what SQLite may have left beside it.
  private static func remove(_ path: String) {
    for suffix in ["-wal", "-shm", "-journal", ""] { unlink(path + suffix) }
  }
}
