// Names for what is stored: sortable by time, safe in URLs, hard to guess.

import Foundation

/// Makes ids such as `inv_01jv3k8q0c7m2x9w4t6r5y1zab`: a prefix, then 48 bits of milliseconds since
/// 1970 and 80 random bits in 26 digits of Crockford's base 32, lower case [ULID].
public enum ResourceID {
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  /// - Parameters:
  ///   - prefix: the kind of resource, put before an underscore.
  ///   - moment: ids of later milliseconds sort after it.
  public static func make(
    prefix: String, at moment: Date, using randomness: inout some RandomNumberGenerator
  ) -> String {
    let milliseconds = UInt64(max(moment.timeIntervalSince1970 * 1000, 0)) & 0xffff_ffff_ffff
    var value = UInt128(milliseconds) << 80
    value |= UInt128(randomness.next()) << 16
    value |= UInt128(randomness.next() & 0xffff)
    var text = [UInt8](repeating: 0, count: 26)
    for index in text.indices.reversed() {
      text[index] = digits[Int(value & 31)]
      value >>= 5
    }
    return prefix + "_" + String(decoding: text, as: UTF8.self)
  }

  public static func make(prefix: String, at moment: Date) -> String {
    var randomness = SystemRandomNumberGenerator()
    return make(prefix: prefix, at: moment, using: &randomness)
  }
}
