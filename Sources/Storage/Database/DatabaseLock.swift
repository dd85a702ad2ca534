// One process a database: a lock file that is held for life.

import Foundation

/// An exclusive hold on a database file, kept until `release` or the end of the process.
///
/// SQLite before 3.51.3 can damage a write-ahead log when two processes checkpoint at once, and
/// jobs are recovered at start in the belief that no other process runs them.
final class DatabaseLock: Sendable {
  private let descriptor: Int32

  static func path(for databasePath: String) -> String { databasePath + ".lock" }

  /// - Throws: `locked` naming the holder's pid, or `io` when the file cannot be made.
  init(databasePath: String) throws(StorageError) {
    let path = DatabaseLock.path(for: databasePath)
    let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw .io(detail: "cannot open the lock file '\(path)': \(String(cString: strerror(errno)))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let holder = DatabaseLock.readPID(descriptor)
      close(descriptor)
      throw .locked(path: databasePath, holderPID: holder)
    }
    // The pid only serves the message above: not being able to write it is no reason to stop.
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = pwrite(descriptor, text, text.count, 0)
    // Last: from here on a failure would close it twice.
    self.descriptor = descriptor
  }

  private static func readPID(_ descriptor: Int32) -> Int? {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int(String(decoding: bytes.prefix(count), as: UTF8.self).filter { !$0.isWhitespace })
  }

  deinit {
    // The file stays: removing it would let two processes lock two files of the same name.
    close(descriptor)
  }
}
