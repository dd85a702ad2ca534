/// A numeric address and a port.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// Numeric, without brackets: `127.0.0.1`, `::1`.
  public let host: String
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  static let loopback = SocketAddress(host: "127.0.0.1", port: 0)

  /// As a URL writes it: `127.0.0.1:8080`, `[::1]:8080`.
  public var description: String {
    host.utf8.contains(Byte.colon) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// 127.0.0.0/8 and ::1, also in its IPv4-mapped form.
  public var isLoopback: Bool {
    host.hasPrefix("127.") || host == "::1" || host.hasPrefix("::ffff:127.")
  }
}
