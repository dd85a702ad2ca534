/// Reads one body out of the connection's bytes, whichever way it is delimited
/// (RFC 9112 section 6.3).
enum BodyDecoder: Sendable {
  case none
  case length(remaining: Int)
  case chunked(ChunkedDecoder)

  init(_ framing: RequestHead.Framing, limits: ServerLimits) {
    switch framing {
    case .none: self = .none
    case .length(let count): self = .length(remaining: count)
    case .chunked: self = .chunked(ChunkedDecoder(limits: limits))
    }
  }

  /// How many bytes are certain to follow.
  var bytesAhead: Int {
    switch self {
    case .none: 0
    case .length(let remaining): remaining
    case .chunked(let decoder): decoder.chunkBytesLeft
    }
  }

  /// Reads on at the lower bound of `rest` and moves it over what was taken.
  mutating func next(
    _ input: [UInt8], _ rest: inout Range<Int>
  ) throws(HTTPFailure) -> ChunkedDecoder.Step {
    switch self {
    case .none:
      return .finished
    case .length(let remaining):
      if remaining == 0 { return .finished }
      if rest.isEmpty { return .needsMore }
      let piece = rest.lowerBound..<min(rest.upperBound, rest.lowerBound + remaining)
      rest = piece.upperBound..<rest.upperBound
      self = .length(remaining: remaining - piece.count)
      return .data(piece)
    case .chunked(var decoder):
      // Taken out and put back so that its buffer stays uniquely referenced.
      self = .none
      defer { self = .chunked(decoder) }
      return try decoder.next(input, &rest)
    }
  }
}
