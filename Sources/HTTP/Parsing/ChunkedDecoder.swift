import HTTPTypes

/// Takes the chunked coding off a body: strict, incremental, every byte looked at once
/// (RFC 9112 section 7.1). Extensions are checked and dropped, trailers likewise.
package struct ChunkedDecoder: Sendable {
  package enum Step: Sendable, Equatable {
    case needsMore
    /// Where in the input the next piece of data is.
    case data(Range<Int>)
    case finished
  }

  private enum State: Sendable {
    case sizeFirst, size, beforeSemicolon, nameFirst, name, afterName, valueFirst, value
    case quoted, escaped, afterQuoted, sizeLineFeed
    case data, dataCarriageReturn, dataLineFeed
    case trailerFirst, trailer, trailerLineFeed, lastLineFeed, finished
  }

  private let extensionBytesMax: Int
  private let trailerBytesMax: Int
  private let trailerFieldsMax: Int

  private var state = State.sizeFirst
  private var size = 0
  private var sizeDigits = 0
  private var extensionBytes = 0
  private var trailerBytes = 0
  private var trailerFields = 0
  private var trailerLine: [UInt8] = []

  package init(limits: ServerLimits) {
    extensionBytesMax = limits.chunkExtensionBytesMax
    trailerBytesMax = limits.trailerBytesMax
    trailerFieldsMax = limits.trailerFieldsMax
  }

  /// What is left of the chunk being read, known once its size line is complete.
  package var chunkBytesLeft: Int { state == .data ? size : 0 }

  /// Reads on at the lower bound of `rest` and moves it over what was taken.
  package mutating func next(
    _ input: [UInt8], _ rest: inout Range<Int>
  ) throws(HTTPFailure) -> Step {
    var index = rest.lowerBound
    let end = rest.upperBound
    defer { rest = index..<end }
    while state != .finished {
      guard index < end else { return .needsMore }
      if state == .data {
        let piece = index..<min(end, index + size)
        size -= piece.count
        index = piece.upperBound
        if size == 0 { state = .dataCarriageReturn }
        return .data(piece)
      }
      try take(input[index])
      index += 1
    }
    return .finished
  }

  private mutating func take(_ byte: UInt8) throws(HTTPFailure) {
    switch state {
    case .sizeFirst, .size:
      try takeSize(byte)
    case .sizeLineFeed:
      guard byte == Byte.lineFeed else { throw Self.malformed("A chunk size line lacks its LF.") }
      state = size == 0 ? .trailerFirst : .data
    case .dataCarriageReturn:
      guard byte == Byte.carriageReturn else {
        throw Self.malformed("Chunk data is not followed by CRLF.")
      }
      state = .dataLineFeed
    case .dataLineFeed:
      guard byte == Byte.lineFeed else {
        throw Self.malformed("Chunk data is not followed by CRLF.")
      }
      size = 0
      sizeDigits = 0
      state = .sizeFirst
    case .trailerFirst, .trailer, .trailerLineFeed, .lastLineFeed:
      try takeTrailer(byte)
    case .data, .finished:
      break
    default:
      try takeExtension(byte)
    }
  }

  private mutating func takeSize(_ byte: UInt8) throws(HTTPFailure) {
    if let digit = byte.hexValue {
      // 15 digits cannot overflow; nobody needs more.
      guard sizeDigits < 15 else { throw Self.malformed("A chunk size has more than 15 digits.") }
      size = size << 4 | Int(digit)
      sizeDigits += 1
      state = .size
      return
    }
    guard state == .size else { throw Self.malformed("A chunk size does not begin with a digit.") }
    switch byte {
    case Byte.carriageReturn: state = .sizeLineFeed
    case Byte.semicolon: try countExtension(.nameFirst)
    case Byte.space, Byte.tab: try countExtension(.beforeSemicolon)
    default: throw Self.malformed("A chunk size contains the byte \(byte).")
    }
  }

  /// RFC 9112 section 7.1.1: *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ).
  private mutating func takeExtension(_ byte: UInt8) throws(HTTPFailure) {
    let isBlank = byte == Byte.space || byte == Byte.tab
    let isToken = ByteSet.token.contains(byte)
    switch (state, byte) {
    case (.beforeSemicolon, Byte.semicolon), (.name, Byte.semicolon), (.afterName, Byte.semicolon),
      (.value, Byte.semicolon), (.afterQuoted, Byte.semicolon):
      try countExtension(.nameFirst)
    case (.name, Byte.carriageReturn), (.value, Byte.carriageReturn),
      (.afterQuoted, Byte.carriageReturn):
      state = .sizeLineFeed
    case (.name, Byte.equals), (.afterName, Byte.equals):
      try countExtension(.valueFirst)
    case (.valueFirst, Byte.quote):
      try countExtension(.quoted)
    case (.quoted, Byte.quote):
      try countExtension(.afterQuoted)
    case (.quoted, Byte.backslash):
      try countExtension(.escaped)
    case (.quoted, _) where !byte.isForbiddenControl, (.escaped, _) where !byte.isForbiddenControl:
      try countExtension(.quoted)
    case (.beforeSemicolon, _) where isBlank, (.nameFirst, _) where isBlank,
      (.afterName, _) where isBlank, (.valueFirst, _) where isBlank:
      try countExtension(state)
    case (.name, _) where isBlank:
      try countExtension(.afterName)
    case (.value, _) where isBlank, (.afterQuoted, _) where isBlank:
      try countExtension(.beforeSemicolon)
    case (.nameFirst, _) where isToken, (.name, _) where isToken:
      try countExtension(.name)
    case (.valueFirst, _) where isToken, (.value, _) where isToken:
      try countExtension(.value)
    default:
      throw Self.malformed("A chunk extension contains the byte \(byte) where it cannot be.")
    }
  }

  private mutating func countExtension(_ next: State) throws(HTTPFailure) {
    extensionBytes += 1
    guard extensionBytes <= extensionBytesMax else {
      throw .badRequest(
        "chunk_extensions_too_long",
        "The body's chunk extensions are longer than \(extensionBytesMax) bytes.")
    }
    state = next
  }

  /// RFC 9112 section 7.1.2: trailers are fields like others; a server may drop them.
  private mutating func takeTrailer(_ byte: UInt8) throws(HTTPFailure) {
    switch state {
    case .trailerLineFeed, .lastLineFeed:
      guard byte == Byte.lineFeed else { throw Self.malformed("A trailer line lacks its LF.") }
      if state == .lastLineFeed {
        state = .finished
        return
      }
      _ = try RequestHead.Field(trailerLine, line: 0..<trailerLine.count, origin: 0)
      trailerLine.removeAll(keepingCapacity: true)
      state = .trailerFirst
    case .trailerFirst where byte == Byte.carriageReturn:
      state = .lastLineFeed
    case .trailer where byte == Byte.carriageReturn:
      state = .trailerLineFeed
    default:
      guard !byte.isForbiddenControl else {
        throw Self.malformed("A trailer contains the control character \(byte).")
      }
      if state == .trailerFirst { trailerFields += 1 }
      trailerBytes += 1
      guard trailerBytes <= trailerBytesMax, trailerFields <= trailerFieldsMax else {
        throw HTTPFailure(
          .requestHeaderFieldsTooLarge, "trailer_too_large",
          "The trailer is longer than \(trailerBytesMax) bytes or \(trailerFieldsMax) fields.")
      }
      trailerLine.append(byte)
      state = .trailer
    }
  }

  private static func malformed(_ detail: String) -> HTTPFailure {
    .badRequest("bad_chunk", detail)
  }
}
