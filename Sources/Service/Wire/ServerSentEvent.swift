/// The lines of an event stream [WHATWG HTML, "Server-sent events"].
package enum ServerSentEvent {
  static let mediaType = "text/event-stream"

  /// What a stream begins with: after how many milliseconds to come back when it breaks off.
  static let opening = Array("retry: 2000\n\n".utf8)

  /// A comment: nothing to the client, a sign of life to everything between.
  static let ping = Array(": ping\n\n".utf8)

  /// - Parameter data: JSON as the service writes it: without line breaks.
  static func bytes(_ name: String, id: Int, _ data: [UInt8]) -> [UInt8] {
    Array("id: \(id)\nevent: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
  }
}
