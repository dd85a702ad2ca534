import HTTPTypes

/// What the parser and the body decoder make of one connection's bytes, a line an event, up to the
/// first refusal: for whoever compares the ways in which bytes can arrive.
package struct RequestTranscript {
  package private(set) var events: [String] = []
  /// The refusal of a framing or syntax error, after which nothing is read.
  package private(set) var failure: HTTPFailure?

  private let limits: ServerLimits
  private var parser: RequestParser
  private var body: BodyDecoder?
  private var bodyBytes: [UInt8] = []
  private var seen: [UInt8] = []
  private var start = 0

  package init(_ pieces: [[UInt8]], limits: ServerLimits = ServerLimits()) {
    self.limits = limits
    parser = RequestParser(limits: limits)
    for piece in pieces {
      seen += piece
      while failure == nil, readOn() {}
    }
    if failure == nil { events.append("\(bodyBytes), then \(seen.count - start) bytes left") }
  }

  /// Whether something was understood.
  private mutating func readOn() -> Bool {
    do throws(HTTPFailure) {
      return body == nil ? try readHead() : try readBody()
    } catch {
      failure = error
      events.append("refused \(error.status.code) \(error.code)")
      return false
    }
  }

  private mutating func readHead() throws(HTTPFailure) -> Bool {
    switch parser.parse(seen, in: start..<seen.count) {
    case .incomplete: return false
    case .failure(let failure): throw failure
    case .head(let head, let byteCount):
      precondition(byteCount > 0 && start + byteCount <= seen.count, "a head beyond its bytes")
      start += byteCount
      events.append(
        "\(head.method.rawValue) \(head.pathText) 1.\(head.minorVersion) \(head.control.keepsAlive)"
          + head.fields.map { " \(head.text($0.name))=\(head.text($0.value))" }.joined())
      if head.framing != .none { body = BodyDecoder(head.framing, limits: limits) }
      return true
    }
  }

  private mutating func readBody() throws(HTTPFailure) -> Bool {
    var rest = start..<seen.count
    let step = try body?.next(seen, &rest)
    start = rest.lowerBound
    switch step {
    case .data(let range): bodyBytes += seen[range]
    case .finished:
      events.append("body \(bodyBytes)")
      bodyBytes = []
      body = nil
    case .needsMore, nil: return false
    }
    return true
  }
}
