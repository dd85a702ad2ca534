import Foundation

/// What the disk has left.
enum DiskSpace {
  /// Bytes that this process may still write to the file system of a file; `nil` where that is not
  /// known.
  static func availableBytes(besides path: String) -> Int? {
    var standing = statvfs()
    guard statvfs(path, &standing) == 0 else { return nil }
    return Int(clamping: UInt64(standing.f_bavail) * UInt64(standing.f_frsize))
  }
}
