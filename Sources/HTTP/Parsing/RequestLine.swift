import HTTPTypes

/// The first line of a request: method, target and version, with exactly one space between them
/// (RFC 9112 section 3).
package struct RequestLine: Sendable {
  package let method: HTTPRequest.Method
  package let target: RequestTarget
  /// 0 or 1; a higher minor version is read as 1 (RFC 9110 section 2.5).
  package let minorVersion: Int

  /// `line` is a line of `input` without its CRLF. The ranges kept count from `origin`.
  package init(_ input: [UInt8], _ line: Range<Int>, origin: Int) throws(HTTPFailure) {
    var methodEnd = line.lowerBound
    while methodEnd < line.upperBound, ByteSet.token.contains(input[methodEnd]) { methodEnd &+= 1 }
    guard methodEnd > line.lowerBound, methodEnd < line.upperBound,
      input[methodEnd] == Byte.space
    else {
      throw .badRequest(
        "bad_request_line", "Expected a method, one space, a target, one space, a version.")
    }
    let targetStart = methodEnd + 1
    var targetEnd = targetStart
    while targetEnd < line.upperBound, input[targetEnd] != Byte.space { targetEnd &+= 1 }
    guard targetEnd > targetStart, targetEnd < line.upperBound else {
      throw .badRequest(
        "bad_request_line", "Expected a method, one space, a target, one space, a version.")
    }
    minorVersion = try Self.minorVersion(input, targetEnd + 1..<line.upperBound)
    method = try Self.method(input, line.lowerBound..<methodEnd)
    target = try RequestTarget(
      input, targetStart..<targetEnd, origin: origin, allowsAsterisk: method == .options)
  }

  /// RFC 9112 section 2.3: case-sensitive "HTTP/", a digit, a dot, a digit.
  private static func minorVersion(
    _ input: [UInt8], _ range: Range<Int>
  ) throws(HTTPFailure) -> Int {
    let start = range.lowerBound
    guard range.count == 8, input[start] == 0x48, input[start + 1] == 0x54,
      input[start + 2] == 0x54, input[start + 3] == 0x50, input[start + 4] == Byte.slash,
      input[start + 5].isDigit, input[start + 6] == Byte.dot, input[start + 7].isDigit
    else {
      throw .badRequest("bad_version", "The version must be HTTP/1.0 or HTTP/1.1.")
    }
    guard input[start + 5] == 0x31 else {
      throw HTTPFailure(
        .httpVersionNotSupported, "unsupported_version",
        "HTTP version \(input[start + 5] - 0x30) is not spoken here; use HTTP/1.1.")
    }
    return input[start + 7] == 0x30 ? 0 : 1
  }

  /// Methods are case-sensitive (RFC 9110 section 9.1). CONNECT, which is for proxies, is
  /// not known here; TRACE, which would echo credentials, and QUERY (RFC 10008) are known, so
  /// that a resource can say what it answers instead.
  private static func method(
    _ input: [UInt8], _ range: Range<Int>
  ) throws(HTTPFailure) -> HTTPRequest.Method {
    // The name as one number, its last byte lowest.
    var name: UInt64 = 0
    if range.count <= 8 { for index in range { name = name << 8 | UInt64(input[index]) } }
    switch name {
    case 0x47_4554: return .get
    case 0x4845_4144: return .head
    case 0x504f_5354: return .post
    case 0x50_5554: return .put
    case 0x50_4154_4348: return .patch
    case 0x4445_4c45_5445: return .delete
    case 0x4f_5054_494f_4e53: return .options
    case 0x54_5241_4345: return .trace
    case 0x51_5545_5259: return query
    default: break
    }
    let shown = String(decoding: input[range.prefix(32)], as: UTF8.self)
    throw HTTPFailure(
      .notImplemented, "unknown_method", "The method \(shown) is not implemented.")
  }

  private static let query = HTTPRequest.Method("QUERY")!
}
