/// Strict percent-decoding: every "%" has two digits, the result is UTF-8 without NUL, and an
/// encoded slash never becomes a separator (RFC 3986 section 2.1).
package enum PercentDecoding {
  /// A path; "/" in the result are those that were sent as "/".
  package static func path(_ input: [UInt8], _ range: Range<Int>) throws(HTTPFailure) -> [UInt8] {
    let decoded = try bytes(input, range, plus: Byte.plus) { byte throws(HTTPFailure) in
      if byte == Byte.slash || byte == Byte.backslash {
        throw .badRequest("encoded_slash", "The path contains an encoded slash.")
      }
    }
    guard String(validating: decoded, as: UTF8.self) != nil else {
      throw .badRequest("bad_percent_encoding", "The path is not UTF-8 once decoded.")
    }
    return decoded
  }

  /// A name or value of a query; "+" is a space, as HTML forms and URLSearchParams write it.
  package static func queryText(
    _ input: [UInt8], _ range: Range<Int>
  ) throws(HTTPFailure) -> String {
    let decoded = try bytes(input, range, plus: Byte.space) { _ throws(HTTPFailure) in }
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw .badRequest("bad_percent_encoding", "The query is not UTF-8 once decoded.")
    }
    return text
  }

  private static func bytes(
    _ input: [UInt8], _ range: Range<Int>, plus: UInt8,
    check: (UInt8) throws(HTTPFailure) -> Void
  ) throws(HTTPFailure) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = input[index]
      if byte != Byte.percent {
        decoded.append(byte == Byte.plus ? plus : byte)
        index += 1
        continue
      }
      guard index + 2 < range.upperBound, let high = input[index + 1].hexValue,
        let low = input[index + 2].hexValue
      else {
        throw .badRequest(
          "bad_percent_encoding", "A \"%\" in the target is not followed by two hex digits.")
      }
      let value = high << 4 | low
      if value == 0 {
        throw .badRequest("encoded_nul", "The target contains an encoded NUL.")
      }
      try check(value)
      decoded.append(value)
      index += 3
    }
    return decoded
  }
}
