import Glibc
import HTTP
import HTTPTypes
import Synchronization
import Testing

/// A client that speaks bytes over one blocking socket; nothing waits longer than five seconds.
final class TestClient {
  struct Answer: Equatable {
    var status: Int
    var fields: [String: String]
    var body: String
  }

  struct Ended: Error {
    var received: String
  }

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isOpen = true

  init(_ address: SocketAddress, receiveBufferBytes: Int32? = nil) throws {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    try #require(getaddrinfo(address.host, String(address.port), &hints, &found) == 0)
    defer { freeaddrinfo(found) }
    let target = try #require(found).pointee
    descriptor = socket(target.ai_family, target.ai_socktype, 0)
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    if var bytes = receiveBufferBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, 4)
    }
    guard connect(descriptor, target.ai_addr, target.ai_addrlen) == 0 else {
      throw Ended(received: "no connection")
    }
  }

  deinit { close() }

  func close() {
    if isOpen { _ = Glibc.close(descriptor) }
    isOpen = false
  }

  func finishSending() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

  /// False when the connection broke or did not take all within the limit.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return false }
      sent += count
    }
    return true
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func get(_ path: String, _ fields: String = "") {
    send("GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
  }

  func post(_ path: String, _ body: String, _ fields: String = "") {
    let length = "Content-Length: \(body.utf8.count)\r\n"
    send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(length)\(fields)\r\n\(body)")
  }

  /// Everything until the server closes; throws when it does not, or resets.
  func readToEnd() throws -> String {
    while try fill() {}
    defer { buffer = [] }
    return String(decoding: buffer, as: UTF8.self)
  }

  /// The next response; interim ones count as responses.
  func answer(to method: String = "GET") throws -> Answer {
    let head = try read { Self.end(of: "\r\n\r\n", in: $0) }
    var lines = head.split(separator: "\r\n").map(String.init)
    let status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
    var fields: [String: String] = [:]
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      fields[parts[0].lowercased()] = parts[1].trimmingPrefix(" ").description
    }
    if method == "HEAD" || status < 200 || status == 204 || status == 304 {
      return Answer(status: status, fields: fields, body: "")
    }
    var body = ""
    if let length = fields["content-length"].flatMap({ Int($0) }) {
      body = try read { $0.count >= length ? length : nil }
    } else if fields["transfer-encoding"] == "chunked" {
      while true {
        let line = try read { Self.end(of: "\r\n", in: $0) }
        let size = try #require(Int(line.dropLast(1), radix: 16))
        let piece = try read { $0.count >= size + 2 ? size + 2 : nil }
        if size == 0 { break }
        body += piece.dropLast(1)
      }
    } else {
      body = try readToEnd()
    }
    return Answer(status: status, fields: fields, body: body)
  }

  func status() throws -> Int { try answer().status }

  private static func end(of mark: String, in bytes: [UInt8]) -> Int? {
    let mark = Array(mark.utf8)
    guard bytes.count >= mark.count else { return nil }
    for start in 0...bytes.count - mark.count
    where bytes[start..<start + mark.count].elementsEqual(mark) {
      return start + mark.count
    }
    return nil
  }

  private func read(_ find: ([UInt8]) -> Int?) throws -> String {
    while true {
      if let count = find(buffer) {
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        buffer.removeFirst(count)
        return text
      }
      guard try fill() else { throw Ended(received: String(decoding: buffer, as: UTF8.self)) }
    }
  }

  /// False at the end of the stream.
  private func fill() throws -> Bool {
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &piece, piece.count, 0)
    if count < 0 {
      throw Ended(received: "errno \(errno): \(String(decoding: buffer, as: UTF8.self))")
    }
    buffer += piece[..<count]
    return count > 0
  }
}

/// Hands that a test turns.
final class ManualClock: Sendable {
  private let nanoseconds = Atomic<UInt64>(1_000_000_000)

  func advance(seconds: Double) {
    nanoseconds.wrappingAdd(UInt64(seconds * 1e9), ordering: .sequentiallyConsistent)
  }

  var clock: ServerClock {
    ServerClock(
      monotonicNanoseconds: { self.nanoseconds.load(ordering: .sequentiallyConsistent) },
      unixSeconds: { 784_111_777 })
  }
}

/// Something that one thread waits for and another brings, within half a minute.
final class Arrival<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])
  private let signal = Semaphore()

  func bring(_ value: Value) {
    values.withLock { $0.append(value) }
    signal.post()
  }

  func wait() throws -> Value {
    try #require(signal.wait(seconds: 30), "nothing arrived")
    return values.withLock { $0.removeFirst() }
  }
}

/// Looks until `condition` holds, for at most half a minute.
func eventually(_ condition: () -> Bool) throws {
  let deadline = ContinuousClock.now + .seconds(30)
  while !condition() {
    try #require(ContinuousClock.now < deadline, "it did not happen")
    sched_yield()
  }
}

/// Runs `body` against a server on a free port and stops it.
func withServer(
  _ router: Router, _ configuration: ServerConfiguration = ServerConfiguration(),
  _ body: (HTTPServer, SocketAddress) throws -> Void
) throws {
  let server = HTTPServer(configuration: configuration, router: router)
  let address = try server.start()
  defer { server.stop(graceSeconds: 0) }
  try body(server, address)
}

func configured(_ adjust: (inout ServerConfiguration) -> Void) -> ServerConfiguration {
  var configuration = ServerConfiguration()
  adjust(&configuration)
  return configuration
}

func text(_ body: String) -> Response {
  Response(.ok, fields: [.contentType: "text/plain"], body: .bytes(Array(body.utf8)))
}
