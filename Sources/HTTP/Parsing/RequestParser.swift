import HTTPTypes

/// Reads one request head out of bytes that arrive in any pieces: strict, incremental, and each
/// byte is looked at once however small the pieces are (RFC 9112 sections 2 to 6).
package struct RequestParser: Sendable {
  package enum Outcome: Sendable {
    case incomplete
    /// A head, and how many bytes it took.
    case head(RequestHead, byteCount: Int)
    /// A framing or syntax error: nothing that follows on the connection can be trusted.
    case failure(HTTPFailure)
  }

  private let requestLineBytesMax: Int
  private let headerBytesMax: Int
  private let headerFieldsMax: Int

  /// As many as most clients send.
  private static let usualFields = 12

  // Offsets count from the first byte of the message.
  private var scanned = 0
  private var lineStart = 0
  private var headStart = 0
  private var fieldsStart = 0
  private var line: RequestLine?
  private var fields: [RequestHead.Field] = []

  package init(limits: ServerLimits) {
    requestLineBytesMax = limits.requestLineBytesMax
    headerBytesMax = limits.headerBytesMax
    headerFieldsMax = limits.headerFieldsMax
  }

  /// Whether some of a request has been seen.
  package var hasBegun: Bool { scanned > headStart || line != nil }

  /// Goes on where the last call stopped. `range` must begin at the message's first byte each time
  /// and only grow at its end. After a head or a failure the parser is ready for the next message.
  package mutating func parse(_ input: [UInt8], in range: Range<Int>) -> Outcome {
    do throws(HTTPFailure) {
      let base = range.lowerBound
      while base + scanned < range.upperBound {
        let byte = input[base + scanned]
        if byte == Byte.carriageReturn {
          guard base + scanned + 1 < range.upperBound else { return .incomplete }
          guard input[base + scanned + 1] == Byte.lineFeed else {
            throw .badRequest(
              "bare_carriage_return", "A CR in the head is not followed by LF.")
          }
          if let done = try endLine(input, base: base) {
            reset()
            return done
          }
        } else {
          try checkRoom()
          try check(byte)
          scanned &+= 1
          scanPlain(input, base: base, end: range.upperBound)
        }
      }
      return .incomplete
    } catch {
      reset()
      return .failure(error)
    }
  }

  private mutating func reset() {
    scanned = 0
    lineStart = 0
    headStart = 0
    fieldsStart = 0
    line = nil
    fields = []
  }

  /// Refuses the byte that makes a line or the header section too long to ever be accepted.
  private func checkRoom() throws(HTTPFailure) {
    if line == nil {
      if scanned - lineStart >= requestLineBytesMax {
        throw HTTPFailure(
          .uriTooLong, "request_line_too_long",
          "The request line is longer than \(requestLineBytesMax) bytes.")
      }
    } else if scanned + 3 - fieldsStart > headerBytesMax {
      throw HTTPFailure(
        .requestHeaderFieldsTooLarge, "header_too_large",
        "The header section is longer than \(headerBytesMax) bytes.")
    }
  }

  /// Skips the bytes that need no thought, up to where room ends: the bulk of a head.
  private mutating func scanPlain(_ input: [UInt8], base: Int, end: Int) {
    let room =
      line == nil ? lineStart + requestLineBytesMax : fieldsStart + headerBytesMax - 2
    let stop = min(end, base + room)
    var index = base + scanned
    while index < stop, input[index] >= Byte.space, input[index] != Byte.delete { index &+= 1 }
    scanned = index - base
  }

  private func check(_ byte: UInt8) throws(HTTPFailure) {
    if byte == Byte.lineFeed {
      throw .badRequest("bare_line_feed", "A line of the head ends in LF without CR.")
    }
    if byte.isForbiddenControl {
      throw .badRequest(
        "control_character", "The head contains the control character \(byte).")
    }
  }

  /// Takes the line that ends at `scanned`; the head when it is the empty one.
  private mutating func endLine(_ input: [UInt8], base: Int) throws(HTTPFailure) -> Outcome? {
    let start = lineStart
    let end = scanned
    scanned += 2
    lineStart = scanned
    if line == nil {
      if start == end {
        // One empty line before a request is forgiven (RFC 9112 section 2.2), a second is not.
        guard headStart == 0 else {
          throw .badRequest("empty_request_line", "Expected a request line, found empty lines.")
        }
        headStart = scanned
        return nil
      }
      self.line = try RequestLine(input, base + start..<base + end, origin: base + headStart)
      fieldsStart = scanned
      return nil
    }
    if start == end, let line = line.take() {
      let bytes = Array(input[base + headStart..<base + scanned])
      // Moved out: the parser gathers the next head's in storage of their own.
      let fields = fields
      self.fields = []
      let control = try HeadControl(bytes, line: line, fields: fields)
      let head = RequestHead(bytes: bytes, line: consume line, fields: fields, control: control)
      return .head(head, byteCount: scanned)
    }
    guard fields.count < headerFieldsMax else {
      throw HTTPFailure(
        .requestHeaderFieldsTooLarge, "too_many_fields",
        "The header section has more than \(headerFieldsMax) fields.")
    }
    if fields.isEmpty { fields.reserveCapacity(Self.usualFields) }
    fields.append(
      try RequestHead.Field(input, line: base + start..<base + end, origin: base + headStart))
    return nil
  }
}
