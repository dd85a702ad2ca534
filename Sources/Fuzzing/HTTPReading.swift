import HTTP

/// Reads a connection's bytes as the server does, whole and in pieces, and insists that both say the
/// same: what a peer's segments are must mean nothing.
enum HTTPReading {
  /// The first byte says how long the pieces are, the rest is what is sent.
  static func read(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let sent = Array(bytes.dropFirst())
    let pieceBytes = Int(first) + 1
    let pieces = stride(from: 0, to: sent.count, by: pieceBytes).map {
      Array(sent[$0..<min($0 + pieceBytes, sent.count)])
    }
    let whole = events([sent])
    let apart = events(pieces)
    precondition(whole == apart, "whole: \(whole), in pieces of \(pieceBytes): \(apart)")
  }

  private enum Body {
    case none
    case length(Int)
    case chunked(ChunkedDecoder)
  }

  private static let limits = {
    var limits = ServerLimits()
    // Small enough for a fuzzer to reach.
    limits.requestLineBytesMax = 512
    limits.headerBytesMax = 1024
    limits.headerFieldsMax = 16
    limits.chunkExtensionBytesMax = 64
    limits.trailerBytesMax = 128
    limits.trailerFieldsMax = 4
    return limits
  }()

  /// Every head and body up to the first refusal, and the refusal.
  private static func events(_ pieces: [[UInt8]]) -> [String] {
    var events: [String] = []
    var parser = RequestParser(limits: limits)
    var body = Body.none
    var data: [UInt8] = []
    var seen: [UInt8] = []
    var start = 0

    /// Whether there is more to understand.
    func goOn() throws(HTTPFailure) -> Bool {
      switch body {
      case .none:
        switch parser.parse(seen, in: start..<seen.count) {
        case .incomplete: return false
        case .failure(let failure): throw failure
        case .head(let head, let byteCount):
          precondition(byteCount > 0 && start + byteCount <= seen.count, "a head beyond its bytes")
          start += byteCount
          let fields = head.fields.map { "\(head.text($0.name))=\(head.text($0.value))" }
          events.append("\(head.line.method) \(head.pathText) \(head.control.keepsAlive) \(fields)")
          switch head.framing {
          case .none: break
          case .length(let count): body = .length(count)
          case .chunked: body = .chunked(ChunkedDecoder(limits: limits))
          }
        }
      case .length(let count):
        let piece = seen[start...].prefix(count)
        data += piece
        start += piece.count
        body = .length(count - piece.count)
        if piece.count < count { return false }
        endBody()
      case .chunked(var decoder):
        var rest = start..<seen.count
        let step = try decoder.next(seen, &rest)
        start = rest.lowerBound
        body = .chunked(decoder)
        switch step {
        case .needsMore: return false
        case .data(let range): data += seen[range]
        case .finished: endBody()
        }
      }
      return true
    }

    func endBody() {
      events.append("\(data)")
      data = []
      body = .none
    }

    do throws(HTTPFailure) {
      for piece in pieces {
        seen += piece
        while try goOn() {}
      }
      events.append("\(data), then \(seen.count - start) bytes")
    } catch {
      events.append("\(error.code)")
    }
    return events
  }
}
