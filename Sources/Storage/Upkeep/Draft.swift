// A database that is being made, until it is whole and takes its place.

import Foundation
import Synchronization

/// A new file beside the place that it is meant for, held by a lock while it is worked on.
///
/// One that nobody holds was left by a process that was killed, and is as large as a database: it goes
/// when the next draft is begun in its folder.
final class Draft {
  static let suffix = ".preimage-draft"
  private struct Live {
    /// Those of this process that have not been placed or discarded.
    var paths: Set<String> = []
    /// The process is about to end: nothing is begun any more.
    var isOver = false
  }

  private static let live = Mutex(Live())
  private static let ending = StorageError.io(detail: "the process is being ended")

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
    let isPlaced = try Draft.live.withLock { live throws(StorageError) in
      guard Draft.isNamed(path, descriptor) else {
        throw .io(detail: "'\(path)' was removed or replaced meanwhile")
      }
      if replaces {
        try Files.rename(path, to: destination)
      } else if try !Files.renameUnlessThere(path, to: destination) {
        return false
      }
      live.paths.remove(path)
      return true
    }
    try Files.flushFolder(of: destination)
    return isPlaced
  }

  /// Removes it, unless it was placed. To be called at the end in any case.
  func discard() {
    Draft.live.withLock { live in
      if live.paths.remove(path) != nil { Draft.remove(path) }
    }
    close(descriptor)
  }

  /// Does what opens the file by its name, which would make it anew where it was removed.
  func opened<Value: Sendable>(
    _ body: (_ path: String) throws -> Value
  ) throws -> Value {
    try Draft.live.withLock { live in
      guard !live.isOver else { throw Draft.ending }
      return try body(path)
    }
  }

  /// Removes all that this process has begun, which begins no more: it is about to end.
  static func discardAll() {
    live.withLock { live in
      live.isOver = true
      for path in live.paths { remove(path) }
      live.paths = []
    }
  }

  private static func make(_ path: String) throws(StorageError) -> Int32 {
    try live.withLock { live throws(StorageError) in
      guard !live.isOver else { throw ending }
      let descriptor = try makeHeld(path)
      live.paths.insert(path)
      return descriptor
    }
  }

  private static func makeHeld(_ path: String) throws(StorageError) -> Int32 {
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
        flock(descriptor, LOCK_EX | LOCK_NB) == 0, isNamed(path, descriptor)
      else { continue }
      remove(path)
    }
  }

  /// Whether the name still leads to the open file: another may have swept it and begun anew.
  private static func isNamed(_ path: String, _ descriptor: Int32) -> Bool {
    var (named, own) = (stat(), stat())
    return lstat(path, &named) == 0 && fstat(descriptor, &own) == 0
      && named.st_ino == own.st_ino && named.st_dev == own.st_dev
  }

  /// With what SQLite may have left beside it.
  private static func remove(_ path: String) {
    for suffix in ["-wal", "-shm", "-journal", ""] { unlink(path + suffix) }
  }
}
