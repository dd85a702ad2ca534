import HTTPTypes

/// One request as a handler sees it: the head is parsed and checked, text is made when asked for.
public struct Request: Sendable {
  /// A fresh id, or the client's own `X-Request-Id` when that is a sane token.
  public let id: String
  public let remoteAddress: SocketAddress
  /// The whole body, without any transfer coding; empty for streaming routes.
  public internal(set) var body: [UInt8] = []

  /// What the server's gate knows of the request.
  public var context: (any AnyObject & Sendable)?

  let head: RequestHead
  var route: Route?
  var parameterRanges: [Range<Int>] = []

  init(id: String, remoteAddress: SocketAddress, head: RequestHead) {
    self.id = id
    self.remoteAddress = remoteAddress
    self.head = head
  }

  public var method: HTTPRequest.Method { head.method }
  /// The minor version of HTTP/1: 0 or 1.
  public var httpMinorVersion: Int { head.minorVersion }
  /// The target as it was sent.
  public var target: String { head.text(head.line.target.raw) }
  /// The path, percent-decoded.
  public var path: String { head.pathText }

  /// The decoded path between its slashes: `["v1", "generators"]`; `[""]` for "/".
  public var pathSegments: [String] {
    let path = head.path
    return path.bytes[path.range.dropFirst()]
      .split(separator: Byte.slash, omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The pattern of the route that answers, or nil outside a router.
  public var routePattern: String? { route?.pattern }

  /// The decoded segment that the pattern calls `{name}`.
  public func parameter(_ name: String) -> String? {
    guard let index = route?.parameterNames.firstIndex(of: name) else { return nil }
    return String(decoding: head.path.bytes[parameterRanges[index]], as: UTF8.self)
  }

  /// The query in order, decoded ("+" is a space).
  public var queryItems: [QueryItem] { head.line.target.query }

  /// The first value the query has for `name`.
  public func queryValue(_ name: String) -> String? {
    queryItems.first { $0.name == name }?.value
  }

  /// All fields in order, made anew on each call: keep what you ask more than once.
  public var fields: HTTPFields { head.makeFields() }

  /// The values of one field joined by ", " (RFC 9110 section 5.3), or nil.
  public func field(_ name: HTTPField.Name) -> String? {
    let wanted = name.canonicalName.utf8
    let count = wanted.count
    var found: String?
    for field in head.fields where field.name.count == count {
      guard zip(head.bytes[field.name], wanted).allSatisfy({ $0.lowered == $1 }) else { continue }
      let value = head.text(field.value)
      found = found.map { "\($0), \(value)" } ?? value
    }
    return found
  }
}

extension Request {
  /// A request that came over no socket, for tests of handlers: its head goes through the parser.
  /// `pattern` gives the path parameters their names.
  ///
  /// Throws what the parser finds wrong.
  public init(
    _ method: HTTPRequest.Method, _ target: String, fields: HTTPFields = [:], body: [UInt8] = [],
    pattern: String? = nil, id: String = "test"
  ) throws(HTTPFailure) {
    var text = "\(method.rawValue) \(target) HTTP/1.1\r\n"
    if !fields.contains(HTTPField.Name.host) { text += "Host: localhost\r\n" }
    for field in fields { text += "\(field.name.rawName): \(field.value)\r\n" }
    text += "\r\n"
    let bytes = Array(text.utf8)
    var parser = RequestParser(limits: ServerLimits())
    switch parser.parse(bytes, in: 0..<bytes.count) {
    case .head(let head, _):
      self.init(id: id, remoteAddress: .loopback, head: head)
    case .failure(let failure):
      throw failure
    case .incomplete:
      throw .incompleteRequest
    }
    self.body = body
    guard let pattern else { return }
    var router = Router()
    router.on(method, pattern, .inline { _ in Response(.noContent) })
    let path = head.path
    if case .found(let route, let parameters) = router.match(method, path.bytes, path.range) {
      self.route = route
      parameterRanges = parameters
    }
  }
}

extension HTTPField.Name {
  /// HTTPTypes keeps `Host` as a pseudo header and names it nowhere.
  static let host = HTTPField.Name("Host")!
  static let requestID = HTTPField.Name("X-Request-Id")!
}
