import Foundation
import Glibc

/// The service manager that started the process, if one did: it is told how the process stands by
/// datagrams to the socket in `NOTIFY_SOCKET` [sd_notify(3)]. Where there is none, nothing is said.
struct ServiceManager: Sendable {
  enum Message: Sendable {
    /// What is shown to people who ask how the service is.
    case status(String)
    /// Requests are answered; ends `reloading`, too.
    case ready
    case reloading
    case stopping
    /// The process does its work; due before `watchdogSeconds` have passed.
    case alive
  }

  /// How long the manager waits for `alive`; `nil` when it does not.
  let watchdogSeconds: Double?
  /// As it stands in `sun_path`: a path with its final NUL, or an abstract name, which begins with
  /// one.
  private let address: [UInt8]?

  init(environment: [String: String], processID: Int32 = getpid()) {
    address = Self.address(environment["NOTIFY_SOCKET"] ?? "")
    let isMeant = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
    let microseconds = environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0
    watchdogSeconds =
      address != nil && isMeant && microseconds > 0 ? Double(microseconds) * 1e-6 : nil
  }

  /// Sends the messages as one datagram.
  ///
  /// - Returns: whether they were sent: `false` without a manager, and where it does not take them
  ///   within a second.
  @discardableResult
  func tell(_ messages: Message...) -> Bool {
    guard let address else { return false }
    let text = messages.map(\.text).joined(separator: "\n")
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var target = sockaddr_un()
    target.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size - Self.nameBytesMax + address.count)
    let bytes = Array(text.utf8)
    return withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
          == bytes.count
      }
    }
  }

  private static let nameBytesMax = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

  private static func address(_ name: String) -> [UInt8]? {
    let bytes = Array(name.utf8)
    guard (2..<nameBytesMax).contains(bytes.count) else { return nil }
    switch bytes[0] {
    case UInt8(ascii: "/"): return bytes + [0]
    case UInt8(ascii: "@"): return [0] + bytes.dropFirst()
    default: return nil
    }
  }
}

extension ServiceManager.Message {
  fileprivate var text: String {
    switch self {
    // A line feed would begin another message.
    case .status(let text): "STATUS=" + text.replacing("\n", with: " ")
    case .ready: "READY=1"
    case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonicMicroseconds)"
    case .stopping: "STOPPING=1"
    case .alive: "WATCHDOG=1"
    }
  }

  private static var monotonicMicroseconds: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
  }
}
