// SHA-256, at once or in pieces: how content is named and how sameness is decided.

import CCrypto

/// The SHA-256 of some content [FIPS 180-4].
public struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
  public static let byteCount = 32

  /// 32 bytes.
  public let bytes: [UInt8]

  /// - Returns: `nil` unless there are exactly 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == ContentDigest.byteCount else { return nil }
    self.bytes = bytes
  }

  public init(hashing content: [UInt8]) {
    let hasher = Hasher()
    hasher.update(content)
    self = hasher.finalize()
  }

  fileprivate init(unchecked bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Whether both are the same, in a time that does not depend on where they differ.
  public func equalsInConstantTime(_ other: ContentDigest) -> Bool {
    CRYPTO_memcmp(bytes, other.bytes, ContentDigest.byteCount) == 0
  }

  /// 64 lower-case hexadecimal digits.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// `sha256:` and the hexadecimal digits.
  public var description: String { "sha256:" + hexadecimal }
}

extension ContentDigest {
  /// Digests content that comes in pieces.
  ///
  /// May move between threads but is used by one at a time: that is the owner's duty and not
  /// checked, since OpenSSL's contexts have no locks and a lock a piece would serve nobody.
  public final class Hasher: @unchecked Sendable {
    private let context: OpaquePointer

    public init() {
      guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
      else { preconditionFailure("libcrypto cannot make a SHA-256 context: out of memory") }
      self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public func update(_ bytes: UnsafeRawBufferPointer) {
      let isTaken = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
      precondition(isTaken, "libcrypto refused content for SHA-256")
    }

    public func update(_ bytes: [UInt8]) {
      bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything so far. The hasher is ready for new content afterwards.
    public func finalize() -> ContentDigest {
      let bytes = [UInt8](unsafeUninitializedCapacity: ContentDigest.byteCount) { buffer, count in
        var length: UInt32 = 0
        let isDone =
          EVP_DigestFinal_ex(context, buffer.baseAddress, &length) == 1
          && EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
        precondition(isDone, "libcrypto could not finish a SHA-256")
        count = Int(length)
      }
      return ContentDigest(unchecked: bytes)
    }
  }
}
