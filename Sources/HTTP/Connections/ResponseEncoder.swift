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
    keepsAlive: Bool, beginnings: HeadBeginnings, standing: StandingFields,
    to output: inout [UInt8]
  ) {
    if response.status.code == 200 {
      output.append(contentsOf: beginnings.ofSuccess)
    } else {
      appendStatusLine(response.status, to: &output)
      output.append(contentsOf: beginnings.afterStatus)
    }
    output.append(contentsOf: requestID.utf8)
    var hasStanding = false
    for field in response.fields {
      let name = field.name
      if isOwn(name) { continue }
      hasStanding = hasStanding || standing.contains(name)
      output.append(Byte.carriageReturn)
      output.append(Byte.lineFeed)
      output.append(contentsOf: name.rawName.utf8)
      output.append(Byte.colon)
      output.append(Byte.space)
      field.withUnsafeBytesOfValue { output.append(contentsOf: $0) }
    }
    standing.append(to: &output, unlessIn: response, own: hasStanding)
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

  private static let contentLengthName = Array("\r\nContent-Length: ".utf8)
  private static let headEnd = Array("\r\n\r\n".utf8)

  /// Status lines by code, each made once.
  fileprivate static let statusLines: [[UInt8]] = (0..<600).map { code in
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
    // Not by subscript, which would make an index of the fields for this one question.
    response.fields.contains { field in
      field.name.canonicalName.utf8.count == 10 && field.name == .connection
        && Array(field.value.utf8).spells("close", in: 0..<field.value.utf8.count)
    }
  }

  /// Fields the server alone decides about.
  private static func isOwn(_ name: HTTPField.Name) -> Bool {
    switch name.canonicalName.utf8.count {
    case 4: name == .date
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

/// What heads begin with within one second: `Date` and the name of the request's id stand in front,
/// so that the usual head begins with one copy.
struct HeadBeginnings {
  /// From the status line to before the request's id, for 200.
  let ofSuccess: [UInt8]
  /// The same without the status line.
  let afterStatus: [UInt8]

  init(unixSeconds: Int) {
    afterStatus =
      Array("\r\nDate: ".utf8) + HTTPDate.bytes(unixSeconds: unixSeconds)
      + Array("\r\nX-Request-Id: ".utf8)
    ofSuccess = ResponseEncoder.statusLines[200] + afterStatus
  }
}
