// The text of an access token: what its owner keeps, and the little of it that is stored.

/// A bearer token [RFC 6750] such as `preimage_4k3j9x2m8q_` and 52 more characters.
///
/// The ten characters after the prefix name the token and are no secret: look-ups are by them. The
/// rest are 256 random bits, in Crockford's base 32 like the name. Only the SHA-256 of the whole is
/// stored: of so many random bits, a slow hash would protect no better.
public struct AccessToken: Sendable {
  static let prefix = "preimage_"
  package static let idCount = 10
  static let secretCount = 52
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// Names the token in lists and logs.
  public let id: String
  /// What the client sends.
  public let text: String

  /// A new token.
  public init(using randomness: inout some RandomNumberGenerator) {
    func word(_ count: Int) -> String {
      String(
        decoding: (0..<count).map { _ in
          Self.digits[Int(truncatingIfNeeded: randomness.next() & 31)]
        }, as: UTF8.self)
    }
    id = word(Self.idCount)
    text = Self.prefix + id + "_" + word(Self.secretCount)
  }

  public init() {
    var randomness = SystemRandomNumberGenerator()
    self.init(using: &randomness)
  }

  /// - Returns: `nil` for what cannot be a token.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    let idStart = Self.prefix.utf8.count
    let secretStart = idStart + Self.idCount + 1
    guard bytes.count == secretStart + Self.secretCount, text.hasPrefix(Self.prefix),
      bytes[secretStart - 1] == UInt8(ascii: "_"),
      (bytes[idStart..<secretStart - 1] + bytes[secretStart...]).allSatisfy(Self.digits.contains)
    else { return nil }
    id = String(decoding: bytes[idStart..<secretStart - 1], as: UTF8.self)
    self.text = text
  }

  /// What is stored of it.
  public var digest: ContentDigest { ContentDigest(hashing: Array(text.utf8)) }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Without the secret, so that no log can hold it.
  public var description: String { Self.prefix + id + "_…" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
