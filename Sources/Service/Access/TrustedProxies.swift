import HTTP
import HTTPTypes

/// The proxies whose word is taken for where a request came from.
public struct TrustedProxies: Sendable {
  /// Whether there are none.
  public var isEmpty: Bool
  private let isTrusted: @Sendable (String) -> Bool

  public init() {
    isEmpty = true
    isTrusted = { _ in false }
  }

  /// - Parameter isTrusted: whether a numeric address is a proxy's.
  public init(_ isTrusted: @escaping @Sendable (String) -> Bool) {
    isEmpty = false
    self.isTrusted = isTrusted
  }

  public func contains(_ host: String) -> Bool { !isEmpty && isTrusted(host) }

  /// The address of the client: the peer's, or what the nearest untrusted hop had when it spoke to
  /// a trusted proxy.
  ///
  /// `Forwarded` [RFC 7239] wins over `X-Forwarded-For`. Both are read from the end, where the
  /// nearest proxy writes: whatever a client put in front is not believed. A hop that hides its
  /// address, or cannot be read, ends the walk.
  package func address(of request: Request) -> String {
    let peer = request.remoteAddress.host
    guard contains(peer) else { return peer }
    let hops =
      request.field(.forwarded).map(Self.forwarded)
      ?? request.field(.xForwardedFor).map(Self.forwardedFor) ?? []
    var nearest = peer
    for hop in hops.reversed() {
      guard let hop else { return nearest }
      nearest = hop
      guard contains(hop) else { return hop }
    }
    return nearest
  }

  /// The hops of `Forwarded`, nearest last; `nil` for one without an address.
  package static func forwarded(_ field: String) -> [String?] {
    var elements: [[UInt8]] = [[]]
    var isQuoted = false
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: ","), !isQuoted {
        elements.append([])
      } else {
        elements[elements.count - 1].append(byte)
      }
    }
    return elements.map { element in
      for pair in String(decoding: element, as: UTF8.self).split(separator: ";") {
        let parts = pair.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[0].trimmingSpaces().lowercased() == "for" else { continue }
        return host(of: parts[1].trimmingSpaces().filter { $0 != "\"" })
      }
      return nil
    }
  }

  /// The hops of `X-Forwarded-For`.
  package static func forwardedFor(_ field: String) -> [String?] {
    field.split(separator: ",", omittingEmptySubsequences: false)
      .map { host(of: $0.trimmingSpaces()) }
  }

  /// An address without its port and brackets; `nil` for what is none.
  private static func host(of node: String) -> String? {
    var host = node
    if host.hasPrefix("[") {
      host = String(host.dropFirst().prefix { $0 != "]" })
    } else if host.count(where: { $0 == ":" }) == 1 {
      host = String(host.prefix { $0 != ":" })
    }
    let isNumeric = host.utf8.allSatisfy {
      switch $0 {
      case 0x30...0x39, 0x41...0x46, 0x61...0x66, 0x2E, 0x3A: true
      default: false
      }
    }
    let isAddress = host.contains(":") || host.split(separator: ".").count == 4
    return isNumeric && isAddress && host.utf8.count <= 45 ? host.lowercased() : nil
  }
}

extension HTTPField.Name {
  static let forwarded = Self("Forwarded")!
  static let xForwardedFor = Self("X-Forwarded-For")!
}
