import HTTPTypes

/// What a handler answers. `Content-Length`, `Transfer-Encoding`, `Connection` and `Date` are the
/// server's: it writes them itself, from the body and the state of the connection. A handler's
/// `Connection: close` is honoured.
public struct Response: Sendable {
  /// 200...599.
  public var status: HTTPResponse.Status
  public var fields: HTTPFields
  public var body: ResponseBody

  public init(
    _ status: HTTPResponse.Status, fields: HTTPFields = [:], body: ResponseBody = .none
  ) {
    self.status = status
    self.fields = fields
    self.body = body
  }

  /// Whether this status never has a body (RFC 9110 sections 15.3.5, 15.4.5).
  var isBodiless: Bool { status.code == 204 || status.code == 304 || status.code < 200 }
}

/// The body of a response.
public enum ResponseBody: Sendable {
  /// Empty: `Content-Length: 0` where the status allows a body.
  case none
  case bytes([UInt8])
  /// Pulled piece by piece. Without a byte count it is chunked, for HTTP/1.0 ended by closing. A
  /// producer that throws or misses its count costs the connection, so that the client notices.
  case stream(byteCount: Int?, BodyProducer)
  /// Pushed from any thread, for events.
  case feed(BodyFeed)
}

/// The next piece of a body, on demand.
///
/// It is called on a handler thread, one call at a time, and only when the piece before was taken
/// by the socket's buffer; nil ends the body. It is released when the body has ended or the client
/// has gone, so what it captured can clean up in its `deinit`.
public struct BodyProducer: Sendable {
  let next: @Sendable () throws -> [UInt8]?

  public init(_ next: @escaping @Sendable () throws -> [UInt8]?) {
    self.next = next
  }
}
