// The few things that files need to be put in their places safely.

import Foundation

/// Files by path; what fails is an `io` or `full` error that names the path.
enum Files {
  /// Waits until what was written to the file is on the disk.
  static func flush(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("flush", path) }
  }

  /// Waits until the names in the file's folder are on the disk.
  static func flushFolder(of path: String) throws(StorageError) {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    try flush(folder)
  }

  /// Gives a file another name, in the place of what has it.
  static func rename(_ path: String, to other: String) throws(StorageError) {
    guard Foundation.rename(path, other) == 0 else { throw failure("rename", path) }
  }

  /// Gives a file a second name; where the file system knows no such thing, another one.
  static func link(_ path: String, to other: String) throws(StorageError) {
    guard Foundation.link(path, other) != 0 else { return }
    guard errno != EEXIST else { throw failure("link", other) }
    try rename(path, to: other)
  }

  /// Takes a name away; one that is not there is none to take away.
  static func remove(_ path: String) throws(StorageError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("remove", path) }
  }

  /// Gives a file another name unless that is taken, in one step.
  ///
  /// - Returns: `false` when it is taken.
  static func renameUnlessThere(_ path: String, to other: String) throws(StorageError) -> Bool {
    if Foundation.link(path, other) == 0 {
      unlink(path)
      return true
    }
    guard errno != EEXIST else { return false }
    // A file system without links.
    guard !FileManager.default.fileExists(atPath: other) else { return false }
    try rename(path, to: other)
    return true
  }

  static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Whether two names lead to one file.
  static func isSame(_ path: String, _ other: String) -> Bool {
    var (status, otherStatus) = (stat(), stat())
    guard stat(path, &status) == 0, stat(other, &otherStatus) == 0 else { return path == other }
    return status.st_dev == otherStatus.st_dev && status.st_ino == otherStatus.st_ino
  }

  static func byteCount(_ path: String) throws(StorageError) -> Int {
    var status = stat()
    guard stat(path, &status) == 0 else { throw failure("read", path) }
    return Int(status.st_size)
  }

  /// Bytes that may still be written where the file lies; `nil` when that cannot be told.
  static func freeBytes(at path: String) -> Int? {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    let (bytes, overflow) = Int(status.f_bavail).multipliedReportingOverflow(
      by: Int(status.f_frsize))
    return overflow ? .max : bytes
  }

  /// Of the call that has just failed.
  static func failure(_ what: String, _ path: String) -> StorageError {
    let number = errno
    let detail = "cannot \(what) '\(path)': \(String(cString: strerror(number)))"
    return number == ENOSPC || number == EDQUOT ? .full(detail: detail) : .io(detail: detail)
  }
}
