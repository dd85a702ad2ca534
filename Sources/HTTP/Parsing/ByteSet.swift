/// Sets of ASCII characters that the grammars of RFC 3986 and RFC 9110 name, as two words of bits:
/// membership is one shift, and no byte is ever made a `Character`.
package struct ByteSet: Sendable {
  package let low: UInt64
  package let high: UInt64

  package func contains(_ byte: UInt8) -> Bool {
    if byte >= 128 { return false }
    return (byte < 64 ? low : high) &>> UInt64(byte & 63) & 1 == 1
  }

  /// `tchar`: letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 section 5.6.2).
  package static let token = ByteSet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
  /// `pchar`, "/" and "%" (RFC 3986 section 3.3).
  package static let path = ByteSet(low: 0x2fff_fff2_0000_0000, high: 0x47ff_fffe_87ff_ffff)
  /// Visible ASCII except `"`, `#`, `<` and `>`: what browsers leave unencoded in a query, a
  /// superset of RFC 3986 section 3.4.
  package static let query = ByteSet(low: 0xafff_fff2_0000_0000, high: 0x7fff_ffff_ffff_ffff)
  /// `reg-name` without the comma, which would let one Host pass for a list
  /// (RFC 3986 section 3.2.2).
  package static let registeredName = ByteSet(
    low: 0x2bff_6ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe)
  /// Letters, digits, ".", "_" and "-": what a request id may be made of.
  package static let requestID = ByteSet(low: 0x03ff_6000_0000_0000, high: 0x07ff_fffe_87ff_fffe)
}

/// Names of the bytes that HTTP gives a meaning.
package enum Byte {
  package static let tab: UInt8 = 0x09
  package static let lineFeed: UInt8 = 0x0a
  package static let carriageReturn: UInt8 = 0x0d
  package static let space: UInt8 = 0x20
  package static let quote: UInt8 = 0x22
  package static let percent: UInt8 = 0x25
  package static let ampersand: UInt8 = 0x26
  package static let asterisk: UInt8 = 0x2a
  package static let plus: UInt8 = 0x2b
  package static let comma: UInt8 = 0x2c
  package static let dot: UInt8 = 0x2e
  package static let slash: UInt8 = 0x2f
  package static let colon: UInt8 = 0x3a
  package static let semicolon: UInt8 = 0x3b
  package static let equals: UInt8 = 0x3d
  package static let question: UInt8 = 0x3f
  package static let leftBracket: UInt8 = 0x5b
  package static let backslash: UInt8 = 0x5c
  package static let rightBracket: UInt8 = 0x5d
  package static let delete: UInt8 = 0x7f
}

extension UInt8 {
  var isDigit: Bool { self &- 0x30 < 10 }

  /// 0...15 for a hexadecimal digit of either case.
  var hexValue: UInt8? {
    if isDigit { return self &- 0x30 }
    let letter = (self | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  /// A control other than the tab: never part of a field value (RFC 9110 section 5.5).
  var isForbiddenControl: Bool { (self < 0x20 && self != Byte.tab) || self == Byte.delete }

  /// ASCII letters in lower case, every other byte as it is.
  var lowered: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

extension [UInt8] {
  /// Whether `range` spells `word` (lower case), ASCII letters in either case.
  func spells(_ word: StaticString, in range: Range<Int>) -> Bool {
    guard range.count == word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { letters in
      for (offset, letter) in letters.enumerated()
      where self[range.lowerBound &+ offset].lowered != letter {
        return false
      }
      return true
    }
  }
}
