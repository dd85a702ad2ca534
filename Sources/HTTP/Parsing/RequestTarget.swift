/// The target of a request: origin-form, absolute-form or the asterisk, checked and decoded
/// (RFC 9112 section 3.2, RFC 3986 sections 2 and 3).
package struct RequestTarget: Sendable {
  /// The whole target as sent.
  package let raw: Range<Int>
  /// The path as sent; empty for the asterisk and for an absolute form without one.
  package let path: Range<Int>
  /// The path percent-decoded, when that differs from what was sent.
  package let decodedPath: [UInt8]?
  /// The authority of an absolute form.
  package let authority: Range<Int>?
  package let query: [QueryItem]

  /// `range` is the target in `input`; the ranges kept count from `origin`.
  package init(
    _ input: [UInt8], _ range: Range<Int>, origin: Int, allowsAsterisk: Bool
  ) throws(HTTPFailure) {
    raw = range.lowerBound - origin..<range.upperBound - origin
    if range.count == 1, input[range.lowerBound] == Byte.asterisk, allowsAsterisk {
      path = raw
      decodedPath = nil
      authority = nil
      query = []
      return
    }
    var start = range.lowerBound
    if input[start] == Byte.slash {
      authority = nil
    } else {
      guard range.count > 7, input.spells("http://", in: start..<start + 7) else {
        throw .badRequest(
          "bad_target", "The target must begin with \"/\" or be an http URI.")
      }
      start += 7
      let authorityStart = start
      while start < range.upperBound, input[start] != Byte.slash, input[start] != Byte.question {
        start += 1
      }
      guard HostField.isAuthority(input, authorityStart..<start) else {
        throw .badRequest("bad_target", "The target's authority is not a host and a port.")
      }
      authority = authorityStart - origin..<start - origin
    }
    var pathEnd = start
    var isEncoded = false
    var hasDots = false
    while pathEnd < range.upperBound, input[pathEnd] != Byte.question {
      let byte = input[pathEnd]
      guard ByteSet.path.contains(byte) else {
        throw .badRequest(
          "bad_target", "The path contains the byte \(byte), which must be percent-encoded.")
      }
      isEncoded = isEncoded || byte == Byte.percent
      hasDots = hasDots || byte == Byte.dot
      pathEnd &+= 1
    }
    path = start - origin..<pathEnd - origin
    if isEncoded {
      let decoded = try PercentDecoding.path(input, start..<pathEnd)
      try Self.refuseDotSegments(decoded, 0..<decoded.count)
      decodedPath = decoded
    } else {
      if hasDots { try Self.refuseDotSegments(input, start..<pathEnd) }
      decodedPath = start == pathEnd ? [Byte.slash] : nil
    }
    query =
      pathEnd == range.upperBound
      ? [] : try QueryItem.items(input, pathEnd + 1..<range.upperBound)
  }

  /// A client resolves "." and ".." itself (RFC 3986 section 5.2.4); what is left is an attack.
  private static func refuseDotSegments(
    _ path: [UInt8], _ range: Range<Int>
  ) throws(HTTPFailure) {
    var start = range.lowerBound
    for index in range.lowerBound...range.upperBound
    where index == range.upperBound || path[index] == Byte.slash {
      let count = index - start
      if (1...2).contains(count), path[start..<index].allSatisfy({ $0 == Byte.dot }) {
        throw .badRequest("dot_segment", "The path contains a \".\" or \"..\" segment.")
      }
      start = index + 1
    }
  }
}
