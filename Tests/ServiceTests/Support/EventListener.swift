import Glibc
import HTTP
import Testing

/// A client of one event stream, which reads no further than it is asked to.
final class EventListener {
  struct Event: Equatable {
    var name = ""
    var id = ""
    var data = ""
    var comment = ""
  }

  let status: Int
  let head: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Whether the stream ended as it should: with the last chunk.
  private(set) var isEnded = false

  init(_ address: SocketAddress, _ target: String, lastEventID: String? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(address.port).bigEndian
    place.sin_addr.s_addr = inet_addr(address.host)
    let isConnected = withUnsafePointer(to: &place) { [descriptor] pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    var text = "GET \(target) HTTP/1.1\r\nHost: \(address)\r\nAccept: text/event-stream\r\n"
    if let lastEventID { text += "Last-Event-ID: \(lastEventID)\r\n" }
    let bytes = Array("\(text)\r\n".utf8)
    guard isConnected, Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw ServiceClient.Failure(detail: "no connection to \(address): \(errno)")
    }
    var received: [UInt8] = []
    var byte: UInt8 = 0
    while !received.suffix(4).elementsEqual(Array("\r\n\r\n".utf8)) {
      guard recv(descriptor, &byte, 1, 0) == 1 else {
        throw ServiceClient.Failure(detail: "no head came: \(errno)")
      }
      received.append(byte)
    }
    head = String(decoding: received, as: UTF8.self)
    status = try #require(Int(head.split(separator: " ")[1]))
  }

  deinit { close(descriptor) }

  /// The next event or comment; `nil` at the end of the stream.
  func next() throws -> Event? {
    while true {
      if let end = buffer.firstRange(of: [0x0A, 0x0A]) {
        let text = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
        buffer.removeSubrange(..<end.upperBound)
        let event = Self.event(text)
        if event == Event() { continue }
        return event
      }
      guard let piece = try chunk() else { return nil }
      buffer += piece
    }
  }

  private static func event(_ text: String) -> Event {
    var event = Event()
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let value = String(pair[1].drop { $0 == " " })
      switch pair[0] {
      case "": event.comment = value
      case "event": event.name = value
      case "id": event.id = value
      case "data": event.data = value
      default: break
      }
    }
    return event
  }

  private func chunk() throws -> [UInt8]? {
    var line: [UInt8] = []
    while !line.suffix(2).elementsEqual([0x0D, 0x0A]) {
      guard let more = try receive(1) else { return nil }
      line += more
    }
    let size = try #require(Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16))
    guard let content = try receive(size + 2) else { return nil }
    if size == 0 { isEnded = true }
    return size == 0 ? nil : content.dropLast(2)
  }

  private func receive(_ count: Int) throws -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var piece = [UInt8](repeating: 0, count: count - bytes.count)
      let received = recv(descriptor, &piece, piece.count, 0)
      guard received >= 0 else { throw ServiceClient.Failure(detail: "errno \(errno)") }
      if received == 0 { return nil }
      bytes += piece[..<received]
    }
    return bytes
  }
}
