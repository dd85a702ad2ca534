import HTTPTypes

/// A parsed request head: one copy of its bytes and where in them everything is, so that nothing
/// becomes a `String` before somebody asks.
package final class RequestHead: Sendable {
  /// How the body is delimited (RFC 9112 section 6.3).
  package enum Framing: Sendable, Equatable {
    case none
    case length(Int)
    case chunked

    /// How many bytes are certain to follow.
    var bytesAhead: Int {
      if case .length(let count) = self { return count }
      return 0
    }
  }

  /// What a client asks with `Expect` (RFC 9110 section 10.1.1).
  package enum Expectation: Sendable { case nothing, goAhead, unknown }

  /// One field line: where its name and its trimmed value are in `bytes`.
  package struct Field: Sendable {
    package let name: Range<Int>
    package let value: Range<Int>
  }

  package let bytes: [UInt8]
  package let line: RequestLine
  package let fields: [Field]
  package let control: HeadControl

  package init(bytes: [UInt8], line: RequestLine, fields: [Field], control: HeadControl) {
    self.bytes = bytes
    self.line = line
    self.fields = fields
    self.control = control
  }

  package var method: HTTPRequest.Method { line.method }
  package var minorVersion: Int { line.minorVersion }
  package var framing: Framing { control.framing }

  /// The path as the router reads it: percent-decoded, "/" only between segments.
  package var path: (bytes: [UInt8], range: Range<Int>) {
    if let decoded = line.target.decodedPath { return (decoded, 0..<decoded.count) }
    return (bytes, line.target.path)
  }

  package var pathText: String {
    let path = path
    return String(decoding: path.bytes[path.range], as: UTF8.self)
  }

  package func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }

  /// Every field in order, values as the bytes that were sent.
  package func makeFields() -> HTTPFields {
    var made = HTTPFields()
    made.reserveCapacity(fields.count)
    for field in fields {
      guard let name = HTTPField.Name(text(field.name)) else { continue }
      made.append(HTTPField(name: name, value: bytes[field.value]))
    }
    return made
  }
}

/// What the fields of a head decide about the message and its connection.
package struct HeadControl: Sendable {
  package var framing = RequestHead.Framing.none
  package var expectation = RequestHead.Expectation.nothing
  package var keepsAlive = true
  /// Whether `Connection: close` was said, which nothing after it undoes.
  package var saysClose = false
  /// Whether a valid `Content-Length` was given, be it 0.
  package var declaresLength = false
  /// The client's request id when it is a sane token.
  package var requestID: Range<Int>?
}
