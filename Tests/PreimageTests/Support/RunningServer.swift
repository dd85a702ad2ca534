import Documents
import Foundation
import Glibc
import Testing

/// `preimage serve` on a free port, and a client of it.
final class RunningServer {
  let child: Child
  let port: Int
  private let file: URL
  /// Sent with every request.
  var token: String?

  /// Returns once the server has printed its line.
  ///
  /// - Parameter settings: of the configuration file.
  init(
    _ database: String, in folder: URL, settings: String = "log:\n  level: error\n",
    environment: [String: String] = [:]
  ) throws {
    file = folder.appending(path: "settings.yaml")
    try settings.write(to: file, atomically: true, encoding: .utf8)
    child = try Child(
      try #require(Program.path, "the program was not built"),
      ["serve", "--port", "0", "--database", database, "--config", file.path], in: folder,
      environment: environment)
    let line = try child.line(seconds: 30)
    let prefix = "preimage listening on http://127.0.0.1:"
    try #require(line.hasPrefix(prefix), "\(line)")
    port = try #require(Int(line.dropFirst(prefix.count)))
  }

  /// Changes the configuration file; the server is not told.
  func write(settings: String) throws {
    try settings.write(to: file, atomically: true, encoding: .utf8)
  }

  struct Answer {
    var status: Int
    var body: [UInt8]

    func json() throws -> JSONValue { try JSONParser().parse(body) }
  }

  func get(_ path: String) throws -> Answer { try send("GET", path) }

  func post(_ path: String, _ value: JSONValue) throws -> Answer {
    try send("POST", path, JSONWriter.bytes(of: value))
  }

  /// - Parameter type: of the body's media.
  func post(_ path: String, _ body: [UInt8], type: String) throws -> Answer {
    try send("POST", path, body, type: type)
  }

  /// Submits an inversion of what `fashion-mlp` never draws, by as many small steps as may be, and returns
  /// its id once a worker has taken it.
  func beginEndless() throws -> String {
    let request: JSONValue = [
      "generator": "fashion-mlp", "observation": ["values": [90, -90, 90]],
      "measurement": ["type": "mask", "observed": ["indices": [300, 301, 302]]],
      "solver": [
        "type": "adam", "iterations_max": 100_000, "restarts_max": 4096, "starts": "prior",
      ],
    ]
    let id = try #require(try post("/v1/inversions", request).json()["id"]?.string)
    try waitUntilTaken(id)
    return id
  }

  /// Returns once a worker has taken the inversion, or it is over.
  func waitUntilTaken(_ id: String) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try get("/v1/inversions/\(id)").json()["status"] == "queued" {
      try #require(ContinuousClock.now < deadline, "\(id) stays queued")
    }
  }

  private func send(
    _ method: String, _ path: String, _ body: [UInt8] = [], type: String = "application/json"
  ) throws -> Answer {
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
      + "Content-Type: \(type)\r\nContent-Length: \(body.count)\r\n\r\n"
    let received = try exchange(Array(head.utf8) + body)
    let end = try #require(received.firstRange(of: Array("\r\n\r\n".utf8)), "no answer to \(path)")
    let status = String(decoding: received.prefix(12).suffix(3), as: UTF8.self)
    return Answer(status: try #require(Int(status)), body: Array(received[end.upperBound...]))
  }

  /// Sends the beginning of a request on a connection of its own, which is the caller's to close.
  func begin(_ text: String) throws -> Int32 {
    let descriptor = try connection()
    try Self.send(Array(text.utf8), descriptor)
    return descriptor
  }

  /// Sends, and reads until the server closes or two minutes have passed.
  private func exchange(_ bytes: [UInt8]) throws -> [UInt8] {
    let descriptor = try connection()
    defer { close(descriptor) }
    try Self.send(bytes, descriptor)
    return try Self.bytes(descriptor)
  }

  /// What the server still says on a connection.
  static func readToEnd(_ descriptor: Int32) throws -> String {
    String(decoding: try bytes(descriptor), as: UTF8.self)
  }

  private func connection() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 120, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = in_port_t(port).bigEndian
    target.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isConnected, "no connection")
    return descriptor
  }

  private static func send(_ bytes: [UInt8], _ descriptor: Int32) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      try #require(count > 0, "the server went away")
      sent += count
    }
  }

  private static func bytes(_ descriptor: Int32) throws -> [UInt8] {
    var received: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &piece, piece.count, 0)
      try #require(count >= 0, "errno \(errno) after \(received.count) bytes")
      if count == 0 { return received }
      received += piece[..<count]
    }
  }
}

extension JSONValue {
  /// A member of an object.
  subscript(key: String) -> JSONValue? { object?[key] }
}
