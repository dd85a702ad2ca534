import HTTP
import HTTPTypes

/// What the parser and the body decoders make of one connection's bytes, however they arrive: one
/// line an event, up to the first refusal.
struct WireTranscript {
  private(set) var events: [String] = []
  /// The refusal of a framing or syntax error, after which nothing is read.
  private(set) var failure: HTTPFailure?

  private let limits: ServerLimits
  private var parser: RequestParser
  private var body = Body.none
  private var bodyBytes: [UInt8] = []
  private var seen: [UInt8] = []
  private var start = 0

  private enum Body {
    case none
    case length(Int)
    case chunked(ChunkedDecoder)
  }

  init(_ pieces: [[UInt8]], limits: ServerLimits = ServerLimits()) {
    self.limits = limits
    parser = RequestParser(limits: limits)
    for piece in pieces {
      seen += piece
      while failure == nil, readOn() {}
    }
    if failure == nil { events.append("\(seen.count - start) bytes left") }
  }

  /// Whether something was understood.
  private mutating func readOn() -> Bool {
    do throws(HTTPFailure) {
      switch body {
      case .none: return try readHead()
      case .length(let count):
        let piece = seen[start...].prefix(count)
        bodyBytes += piece
        start += piece.count
        body = .length(count - piece.count)
        if piece.count == count { endBody() }
        return !piece.isEmpty || count == 0
      case .chunked(var decoder):
        var rest = start..<seen.count
        let step = try decoder.next(seen, &rest)
        start = rest.lowerBound
        body = .chunked(decoder)
        switch step {
        case .needsMore: return false
        case .data(let range): bodyBytes += seen[range]
        case .finished: endBody()
        }
        return true
      }
    } catch {
      failure = error
      events.append("refused \(error.status.code) \(error.code)")
      start = seen.count
      return false
    }
  }

  private mutating func readHead() throws(HTTPFailure) -> Bool {
    switch parser.parse(seen, in: start..<seen.count) {
    case .incomplete: return false
    case .failure(let failure): throw failure
    case .head(let head, let byteCount):
      start += byteCount
      events.append(
        "\(head.method.rawValue) \(head.pathText) 1.\(head.minorVersion) \(head.control.keepsAlive)"
          + head.fields.map { " \(head.text($0.name))=\(head.text($0.value))" }.joined())
      switch head.framing {
      case .none: break
      case .length(let count): body = .length(count)
      case .chunked: body = .chunked(ChunkedDecoder(limits: limits))
      }
      return true
    }
  }

  private mutating func endBody() {
    events.append("body \(bodyBytes)")
    bodyBytes = []
    body = .none
  }
}
