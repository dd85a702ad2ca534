import Foundation

/// The addresses that share their first bits: `10.0.0.0/8`, `2001:db8::/32`, or one address alone
/// [RFC 4632, RFC 4291].
public struct AddressRange: Sendable, Equatable, CustomStringConvertible {
  /// As it was written.
  public let description: String
  /// In the form of IPv6, where IPv4 lies under `::ffff:0:0/96`.
  private let bytes: [UInt8]
  private let bitCount: Int

  /// - Returns: `nil` for what is no address, or has bits behind its prefix.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = Self.bytes(of: String(parts[0])) else { return nil }
    let isShort = !parts[0].contains(":")
    var bitCount = 128
    if parts.count == 2 {
      let digits = parts[1].utf8
      guard (1...3).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
        let given = Int(parts[1]), given <= (isShort ? 32 : 128)
      else { return nil }
      bitCount = isShort ? given + 96 : given
    }
    guard (bitCount..<128).allSatisfy({ address[$0 / 8] & (0x80 >> ($0 % 8)) == 0 }) else {
      return nil
    }
    description = text
    bytes = address
    self.bitCount = bitCount
  }

  /// Whether a numeric address lies in the range; never what is not numeric.
  public func contains(_ host: String) -> Bool {
    guard let other = Self.bytes(of: host) else { return false }
    let whole = bitCount / 8
    guard bytes[..<whole] == other[..<whole] else { return false }
    let rest = bitCount % 8
    guard rest > 0 else { return true }
    return (bytes[whole] ^ other[whole]) >> (8 - rest) == 0
  }

  private static func bytes(of host: String) -> [UInt8]? {
    var long = in6_addr()
    if inet_pton(AF_INET6, host, &long) == 1 { return withUnsafeBytes(of: long) { Array($0) } }
    var short = in_addr()
    guard inet_pton(AF_INET, host, &short) == 1 else { return nil }
    return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
      + withUnsafeBytes(of: short) { Array($0) }
  }
}
