import ArgumentParser
import Documents
import Foundation
import HTTP

/// A blocking client on one kept connection: as little as a client can cost.
final class HTTPClient {
  private let socket: Int32

  init(address: SocketAddress) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = in_port_t(UInt16(address.port).bigEndian)
    target.sin_addr.s_addr = inet_addr("127.0.0.1")
    let connected = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw ValidationError("no connection to \(address)") }
    var on: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
  }

  deinit { close(socket) }

  /// Posts an inversion and waits for it; the answer's text.
  func invert(_ request: [UInt8]) throws -> String {
    try exchange(
      "POST /v1/inversions", ["Content-Type: application/json", "Prefer: wait=60"], request)
  }

  func upload(folder: String, name: String) throws {
    let answer = try post(
      "/v1/generators",
      [
        ("name", Array(name.utf8)), ("architecture", try Self.file("\(folder)/architecture.json")),
        ("weights", try Self.file("\(folder)/weights.safetensors")),
      ])
    guard answer.contains("\"state\":\"ready\"") else { throw ValidationError(answer) }
  }

  /// Posts a batch and waits for it; seconds from the first start to the last completion.
  func carriedOut(_ request: [UInt8], _ observations: [UInt8]) throws -> Double {
    let accepted = try JSONParser().parse(
      Array(
        try post("/v1/batches", [("request", request), ("observations", observations)]).utf8))
    guard let id = accepted.object?["id"]?.string else { throw ValidationError("\(accepted)") }
    while try !exchange("GET /v1/batches/\(id)", [], []).contains("\"status\":\"finished\"") {
      // A poll is a thousandth of the work that it waits for.
      usleep(5000)
    }
    let list = try JSONParser().parse(
      Array(try exchange("GET /v1/inversions?batch=\(id)&page_size=1000", [], []).utf8))
    let inversions = (list.object?["inversions"]?.elements ?? []).compactMap(\.object)
    guard inversions.allSatisfy({ $0["status"] == "succeeded" }) else {
      throw ValidationError("not all inversions succeeded")
    }
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    func times(_ field: String) throws -> [Date] {
      try inversions.compactMap { try $0[field]?.string.map(style.parse) }
    }
    guard let start = try times("started_at").min(), let end = try times("completed_at").max()
    else { throw ValidationError("an empty batch") }
    return end.timeIntervalSince(start)
  }

  private func post(_ target: String, _ parts: [(name: String, content: [UInt8])]) throws -> String
  {
    let boundary = "preimage-benchmark"
    var body: [UInt8] = []
    for (name, content) in parts {
      body += Array(
        "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n".utf8)
      body += content + Array("\r\n".utf8)
    }
    body += Array("--\(boundary)--\r\n".utf8)
    return try exchange(
      "POST \(target)", ["Content-Type: multipart/form-data; boundary=\(boundary)"], body)
  }

  private static func file(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private func exchange(_ line: String, _ fields: [String], _ body: [UInt8]) throws -> String {
    let head =
      ["\(line) HTTP/1.1", "Host: 127.0.0.1", "Content-Length: \(body.count)"] + fields
    var bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    while !bytes.isEmpty {
      let sent = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      guard sent > 0 else { throw ValidationError("the server closed the connection") }
      bytes.removeFirst(sent)
    }
    return try answer()
  }

  private func answer() throws -> String {
    var text: [UInt8] = []
    var bodyStart: Int?
    var wanted = Int.max
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bodyStart == nil || text.count < wanted {
      let count = recv(socket, &piece, piece.count, 0)
      guard count > 0 else { throw ValidationError("the server closed the connection") }
      text += piece[..<count]
      guard bodyStart == nil, let head = text.firstRange(of: Array("\r\n\r\n".utf8)) else {
        continue
      }
      let fields = String(decoding: text[..<head.lowerBound], as: UTF8.self).lowercased()
      let length = fields.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
      bodyStart = head.upperBound
      wanted = head.upperBound + (length.flatMap { Int($0.dropFirst(15).dropFirst()) } ?? 0)
    }
    return String(decoding: text[(bodyStart ?? 0)...], as: UTF8.self)
  }
}
