import HTTPTypes

/// Reads the fields that decide about framing, host and connection: the rules whose breach lets one
/// request be taken for two (RFC 9112 sections 3.2, 6 and 9.3; RFC 9110 sections 7.2 and 8.6).
extension HeadControl {
  package init(
    _ bytes: [UInt8], line: RequestLine, fields: [RequestHead.Field]
  ) throws(HTTPFailure) {
    keepsAlive = line.minorVersion > 0
    var host: Range<Int>?
    var length: Range<Int>?
    var coding: Range<Int>?
    for field in fields {
      switch field.name.count {
      case 4 where bytes.spells("host", in: field.name):
        guard host == nil else {
          throw .badRequest("repeated_host", "Host is given more than once.")
        }
        host = field.value
      case 6 where bytes.spells("expect", in: field.name):
        let known = bytes.spells("100-continue", in: field.value) && expectation != .unknown
        expectation = known ? .goAhead : .unknown
      case 10 where bytes.spells("connection", in: field.name):
        readConnection(bytes, field.value)
      case 12 where bytes.spells("x-request-id", in: field.name):
        // Given twice it names nothing.
        requestID = requestID == nil ? field.value : field.value.lowerBound..<field.value.lowerBound
      case 14 where bytes.spells("content-length", in: field.name):
        guard length == nil else {
          throw .badRequest("repeated_content_length", "Content-Length is given more than once.")
        }
        length = field.value
      case 17 where bytes.spells("transfer-encoding", in: field.name):
        guard coding == nil else {
          throw .badRequest(
            "repeated_transfer_encoding", "Transfer-Encoding is given more than once.")
        }
        coding = field.value
      default:
        break
      }
    }
    if let given = requestID, !RequestID.isSane(bytes[given]) { requestID = nil }
    // RFC 9110 section 10.1.1: an HTTP/1.0 request's expectation is ignored.
    if line.minorVersion == 0 { expectation = .nothing }
    declaresLength = length != nil
    framing = try Self.framing(bytes, length: length, coding: coding, minor: line.minorVersion)
    try HostField.check(bytes, host, line: line)
  }

  /// RFC 9112 section 9.3; `close` wins over `keep-alive`.
  private mutating func readConnection(_ bytes: [UInt8], _ value: Range<Int>) {
    for part in bytes[value].split(separator: Byte.comma) {
      var start = part.startIndex
      var end = part.endIndex
      while start < end, part[start] <= Byte.space { start += 1 }
      while end > start, part[end - 1] <= Byte.space { end -= 1 }
      if bytes.spells("close", in: start..<end) {
        keepsAlive = false
        saysClose = true
      } else if bytes.spells("keep-alive", in: start..<end), !saysClose {
        keepsAlive = true
      }
    }
  }

  private static func framing(
    _ bytes: [UInt8], length: Range<Int>?, coding: Range<Int>?, minor: Int
  ) throws(HTTPFailure) -> RequestHead.Framing {
    if let coding {
      // RFC 9112 section 6.1: neither beside a length nor in HTTP/1.0.
      guard length == nil else {
        throw .badRequest(
          "conflicting_framing", "Content-Length and Transfer-Encoding are both given.")
      }
      guard minor > 0 else {
        throw .badRequest("transfer_encoding_in_1_0", "HTTP/1.0 has no Transfer-Encoding.")
      }
      guard bytes.spells("chunked", in: coding) else {
        try refuseCoding(bytes, coding)
      }
      return .chunked
    }
    guard let length else { return .none }
    // RFC 9110 section 8.6; 18 digits cannot overflow.
    var value = 0
    guard !length.isEmpty, length.count <= 18 else {
      throw .badRequest(
        "bad_content_length", "Content-Length must be 1 to 18 digits.")
    }
    for index in length {
      guard bytes[index].isDigit else {
        throw .badRequest("bad_content_length", "Content-Length must be digits only.")
      }
      value = value &* 10 &+ Int(bytes[index] &- 0x30)
    }
    return value == 0 ? .none : .length(value)
  }

  /// RFC 9112 section 6.1: 501 for a coding that is well written but not known, else 400.
  private static func refuseCoding(_ bytes: [UInt8], _ coding: Range<Int>) throws(HTTPFailure)
    -> Never
  {
    guard !coding.isEmpty, coding.allSatisfy({ ByteSet.token.contains(bytes[$0]) }) else {
      throw .badRequest(
        "bad_transfer_encoding", "Transfer-Encoding must be exactly \"chunked\".")
    }
    throw HTTPFailure(
      .notImplemented, "unknown_transfer_encoding",
      "Transfer-Encoding must be \"chunked\"; no other coding is implemented.")
  }
}
