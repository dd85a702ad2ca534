import Documents
import Glibc
import HTTP
import Testing

/// A client of one server: a connection a request, blocking, nothing waits longer than a minute.
/// Every answer is held against the OpenAPI document.
struct ServiceClient: Sendable {
  let address: SocketAddress
  /// Sent with every request.
  var token: String?

  init(address: SocketAddress, token: String? = nil) {
    self.address = address
    self.token = token
  }

  enum Body {
    case none
    case json(JSONValue)
    case bytes([UInt8], type: String)
    /// As chunks of these sizes, the last one of what is left.
    case chunked([UInt8], type: String, sizes: [Int])
  }

  struct Failure: Error {
    var detail: String
  }

  @discardableResult
  func send(
    _ method: String, _ target: String, fields: [String: String] = [:], _ body: Body = .none,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    var head = "\(method) \(target) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n"
    if let token { head += "Authorization: Bearer \(token)\r\n" }
    for (name, value) in fields { head += "\(name): \(value)\r\n" }
    var content: [UInt8] = []
    switch body {
    case .none: break
    case .json(let value):
      content = JSONWriter.bytes(of: value)
      head += "Content-Type: application/json\r\nContent-Length: \(content.count)\r\n"
    case .bytes(let bytes, let type):
      content = bytes
      head += "Content-Type: \(type)\r\nContent-Length: \(content.count)\r\n"
    case .chunked(let bytes, let type, let sizes):
      content = Self.chunks(bytes, sizes)
      head += "Content-Type: \(type)\r\nTransfer-Encoding: chunked\r\n"
    }
    let received = try exchange(Array("\(head)\r\n".utf8) + content)
    let answer = try Answer(received, isHead: method == "HEAD")
    try Contract.shared.check(method, target, body, answer, sourceLocation)
    return answer
  }

  func get(
    _ target: String, fields: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    try send("GET", target, fields: fields, sourceLocation: sourceLocation)
  }

  func post(
    _ target: String, _ value: JSONValue, fields: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Answer {
    try send("POST", target, fields: fields, .json(value), sourceLocation: sourceLocation)
  }

  private static func chunks(_ bytes: [UInt8], _ sizes: [Int]) -> [UInt8] {
    var text: [UInt8] = []
    var rest = bytes[...]
    for size in sizes + [rest.count] where !rest.isEmpty {
      let piece = rest.prefix(size)
      rest = rest.dropFirst(piece.count)
      text += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [0x0D, 0x0A]
    }
    return text + Array("0\r\n\r\n".utf8)
  }

  private func exchange(_ bytes: [UInt8]) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = in_port_t(address.port).bigEndian
    target.sin_addr.s_addr = inet_addr(address.host)
    let isConnected = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Failure(detail: "no connection to \(address): \(errno)") }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A server that refuses early may close before it has read everything.
      if count <= 0 { break }
      sent += count
    }
    var received: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &piece, piece.count, 0)
      if count == 0 { return received }
      guard count > 0 else { throw Failure(detail: "errno \(errno) after \(received.count) bytes") }
      received += piece[..<count]
    }
  }
}

/// What came back.
struct Answer {
  var status: Int
  /// By names in lower case.
  var fields: [String: String]
  var body: [UInt8]

  init(_ received: [UInt8], isHead: Bool) throws {
    guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else {
      throw ServiceClient.Failure(detail: String(decoding: received, as: UTF8.self))
    }
    var lines = String(decoding: received[..<end.lowerBound], as: UTF8.self)
      .split(separator: "\r\n").map(String.init)
    status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
    fields = [:]
    for line in lines {
      let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      fields[pair[0].lowercased()] = String(pair[1].drop { $0 == " " })
    }
    body = Array(received[end.upperBound...])
    if fields["transfer-encoding"] == "chunked", !isHead { body = try Self.joined(body) }
    if let length = fields["content-length"].flatMap(Int.init), !isHead, status != 304 {
      try #require(body.count == length, "\(body.count) of \(length) bytes came")
      if fields["content-encoding"] == "gzip" {
        body = try Gzip.content(of: body, byteCount: 1 << 22)
      }
    }
  }

  private static func joined(_ chunks: [UInt8]) throws -> [UInt8] {
    var rest = chunks[...]
    var body: [UInt8] = []
    while true {
      let line = try #require(rest.firstRange(of: [0x0D, 0x0A]))
      let digits = String(decoding: rest[..<line.lowerBound], as: UTF8.self)
      let size = try #require(Int(digits, radix: 16))
      if size == 0 { return body }
      body += rest[line.upperBound..<line.upperBound + size]
      rest = rest[(line.upperBound + size + 2)...]
    }
  }

  var text: String { String(decoding: body, as: UTF8.self) }

  /// The body as JSON.
  func json() throws -> JSONValue { try JSONParser().parse(body) }

  /// The code of a problem document; empty when it is none.
  var code: String {
    guard fields["content-type"] == "application/problem+json" else { return "" }
    return (try? json())?["code"]?.string ?? ""
  }

  /// The pointers of a problem's errors.
  var pointers: [String] {
    ((try? json())?["errors"]?.elements ?? []).compactMap { $0["pointer"]?.string }
  }
}

extension JSONValue {
  /// A member of an object.
  subscript(key: String) -> JSONValue? { object?[key] }
}
