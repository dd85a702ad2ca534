import HTTPTypes

/// Writes response heads (RFC 9112 section 4, RFC 9110 section 8.6) and chunk frames.
enum ResponseEncoder {
  /// How the bytes after the head are delimited.
  enum Framing: Equatable {
    /// No body and no word about one (204, 304).
    case bodiless
    case length(Int)
    case chunked
    /// By the end of the connection, for HTTP/1.0.
    case untilClose
  }

  static func framing(_ response: Response, minorVersion: Int) -> Framing {
    if response.isBodiless { return .bodiless }
    switch response.body {
    case .none: return .length(0)
    case .bytes(let bytes): return .length(bytes.count)
    case .stream(let count?, _): return .length(count)
    case .stream, .feed: return minorVersion == 0 ? .untilClose : .chunked
    }
  }

  static func appendHead(
    _ response: Response, framing: Framing, requestID: String, minorVersion: Int,
    keepsAlive: Bool, dateField date: [UInt8], standing: StandingFields = .none,
    to output: inout [UInt8]
  ) {
    appendStatusLine(response.status, to: &output)
    var hasDate = false
    var hasStanding = false
    for field in response.fields {
      let name = field.name
      if isOwn(name) { continue }
      hasDate = hasDate || name == .date
      hasStanding = hasStanding || standing.contains(name)
      output.append(Byte.carriageReturn)
      output.append(Byte.lineFeed)
      output.append(contentsOf: name.rawName.utf8)
      output.append(Byte.colon)
      output.append(Byte.space)
      field.withUnsafeBytesOfValue { output.append(contentsOf: $0) }
    }
    if !hasDate {
      output.append(contentsOf: date)
    }
    standing.append(to: &output, unlessIn: response, own: hasStanding)
    output.append(contentsOf: requestIDName)
    output.append(contentsOf: requestID.utf8)
    switch framing {
    case .length(let count):
      output.append(contentsOf: contentLengthName)
      appendDecimal(count, to: &output)
    case .chunked:
      output.append(contentsOf: "\r\nTransfer-Encoding: chunked".utf8)
    case .bodiless, .untilClose:
      break
    }
    if !keepsAlive {
      output.append(contentsOf: "\r\nConnection: close".utf8)
    } else if minorVersion == 0 {
      output.append(contentsOf: "\r\nConnection: keep-alive".utf8)
    }
    output.append(contentsOf: headEnd)
  }

  /// The field line of `Date` with the CRLF before it.
  static func dateField(unixSeconds: Int) -> [UInt8] {
    Array("\r\nDate: ".utf8) + HTTPDate.bytes(unixSeconds: unixSeconds)
  }

  private static let requestIDName = Array("\r\nX-Request-Id: ".utf8)
  private static let contentLengthName = Array("\r\nContent-Length: ".utf8)
  private static let headEnd = Array("\r\n\r\n".utf8)

  /// Status lines by code, each made once.
  private static let statusLines: [[UInt8]] = (0..<600).map { code in
    guard code >= 100 else { return [] }
    let phrase = HTTPResponse.Status(integerLiteral: code).reasonPhrase
    return Array("HTTP/1.1 \(code) \(phrase)".utf8)
  }

  private static func appendStatusLine(
    _ status: HTTPResponse.Status, to output: inout [UInt8]
  ) {
    precondition((100..<600).contains(status.code), "\(status.code) is no HTTP status")
    let line = statusLines[status.code]
    output.append(contentsOf: line)
    // A code HTTPTypes has no phrase for brings its own.
    if line.last == Byte.space { output.append(contentsOf: status.reasonPhrase.utf8) }
  }

  static let goAhead = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
  static let lastChunk = Array("0\r\n\r\n".utf8)

  static func appendChunkSize(_ count: Int, to output: inout [UInt8]) {
    output.append(contentsOf: String(count, radix: 16).utf8)
    output.append(contentsOf: "\r\n".utf8)
  }

  /// Whether the handler asks for the connection to end.
  static func asksToClose(_ response: Response) -> Bool {
    guard let value = response.fields[.connection] else { return false }
    return Array(value.utf8).spells("close", in: 0..<value.utf8.count)
  }

  /// Fields the server alone decides about.
  private static func isOwn(_ name: HTTPField.Name) -> Bool {
    switch name.canonicalName.utf8.count {
    case 10: name == .connection
    case 12: name == .requestID
    case 14: name == .contentLength
    case 17: name == .transferEncoding
    default: false
    }
  }

  private static func appendDecimal(_ value: Int, to output: inout [UInt8]) {
    if value >= 10 { appendDecimal(value / 10, to: &output) }
    output.append(0x30 &+ UInt8(truncatingIfNeeded: value % 10))
  }
}
