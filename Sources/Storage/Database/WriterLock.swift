// Who may write just now: one transaction or checkpoint at a time, over all processes.

import Foundation

/// A lock file that every write transaction holds, so that a process which only sees to the tokens
/// may write beside the one that has the database.
///
/// SQLite before 3.51.3 can damage a write-ahead log when one connection writes while another
/// checkpoints. Within a process the one writer prevents that, between processes this lock does. It
/// costs two system calls a transaction.
final class WriterLock: Sendable {
  private let descriptor: Int32

  static func path(for databasePath: String) -> String { databasePath + ".writer" }

  init(databasePath: String) throws(StorageError) {
    let path = WriterLock.path(for: databasePath)
    descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .io(detail: "cannot open the lock file '\(path)': \(String(cString: strerror(errno)))")
    }
  }

  /// Waits for the lock, runs `body`, lets go.
  func withLock<Value>(_ body: () throws -> Value) throws -> Value {
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        throw StorageError.io(
          detail: "cannot lock for writing: \(String(cString: strerror(errno)))")
      }
    }
    defer { flock(descriptor, LOCK_UN) }
    return try body()
  }

  deinit { close(descriptor) }
}
