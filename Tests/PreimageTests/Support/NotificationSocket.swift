import Foundation
import Glibc
import Testing

/// The socket at which a service manager hears from its services [sd_notify(3)].
final class NotificationSocket {
  /// As `NOTIFY_SOCKET` has it.
  let name: String
  private let descriptor: Int32

  /// - Parameter isAbstract: whether the name is one without a file.
  init(in folder: URL, isAbstract: Bool) throws {
    // A path of a socket has at most 107 bytes; the folder's may be longer.
    let unique = "preimage-\(UUID().uuidString.prefix(13))"
    name = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var own = sockaddr_un()
    own.sun_family = sa_family_t(AF_UNIX)
    let bytes = isAbstract ? [0] + name.utf8.dropFirst() : name.utf8 + [0]
    withUnsafeMutableBytes(of: &own.sun_path) { $0.copyBytes(from: bytes) }
    let length = MemoryLayout<sa_family_t>.size + bytes.count
    let isBound = withUnsafePointer(to: &own) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(length)) == 0
      }
    }
    try #require(isBound, "\(name): errno \(errno)")
  }

  deinit {
    close(descriptor)
    if name.hasPrefix("/") { unlink(name) }
  }

  /// The next message, line by line; `nil` when none comes in time.
  func next(seconds: Double) -> [String]? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, Int32(seconds * 1000)) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// The next message that has this line; those before it are passed over.
  @discardableResult
  func message(with line: String, seconds: Double = 20) throws -> [String] {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      if let message = next(seconds: 0.2), message.contains(line) { return message }
    }
    throw Child.Failure(detail: "no \(line) within \(seconds) s")
  }
}
