import HTTPTypes

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reads `multipart/form-data` as it arrives [RFC 7578, RFC 2046 section 5.1]: the head of a part,
/// then its content piece by piece, never a whole part in memory unless the caller keeps it.
package struct MultipartReader {
  package struct Part: Equatable {
    package var name: String
    package var fileName: String?
    package var contentType: String?
  }

  package static let partsMax = 32
  package static let headBytesMax = 8192

  private let delimiter: [UInt8]
  private let source: () throws -> [UInt8]?
  private var buffer: [UInt8]
  private var isFinished = false
  private var parts = 0

  /// - Parameter source: the next bytes of the body; `nil` at its end.
  /// - Throws: `Problem` 400 when the field has no usable boundary.
  package init(contentType: String, source: @escaping () throws -> [UInt8]?) throws(Problem) {
    guard let boundary = MediaType.parameter("boundary", of: contentType),
      (1...70).contains(boundary.utf8.count)
    else {
      throw .malformed(
        "invalid_multipart", "The Content-Type names no boundary of 1 to 70 characters.")
    }
    delimiter = Array("\r\n--\(boundary)".utf8)
    self.source = source
    // So that the first delimiter, which has no line before it, looks like the others.
    buffer = [0x0D, 0x0A]
  }

  /// The next part's head; `nil` after the last part.
  package mutating func nextPart() throws -> Part? {
    if isFinished { return nil }
    if parts == 0 {
      var preamble = 0
      try content { bytes in preamble += bytes.count }
      guard preamble == 0 else {
        throw Problem.malformed("invalid_multipart", "The body does not begin with its boundary.")
      }
    }
    // After a delimiter: "--" at the end of the body, or a line break and a part.
    try need(2)
    if buffer.starts(with: [0x2D, 0x2D]) {
      isFinished = true
      while try source() != nil {}
      return nil
    }
    guard buffer.starts(with: [0x0D, 0x0A]) else {
      throw Problem.malformed("invalid_multipart", "A boundary is not followed by a line break.")
    }
    buffer.removeFirst(2)
    parts += 1
    guard parts <= Self.partsMax else {
      throw Problem.malformed("invalid_multipart", "The body has more than \(Self.partsMax) parts.")
    }
    return try head()
  }

  /// Hands the content of the part whose head was read to `take`, piece by piece.
  package mutating func content(_ take: ([UInt8]) throws -> Void) throws {
    while true {
      if let place = find(delimiter) {
        if place > 0 { try take(Array(buffer[..<place])) }
        buffer.removeFirst(place + delimiter.count)
        return
      }
      // What could be the beginning of the delimiter stays until more is known.
      let settled = buffer.count - (delimiter.count - 1)
      if settled > 0 {
        try take(Array(buffer[..<settled]))
        buffer.removeFirst(settled)
      }
      try fill()
    }
  }

  /// The content of a small part.
  ///
  /// - Throws: `Problem` 413 when it has more than `bytesMax` bytes.
  package mutating func wholeContent(of part: Part, bytesMax: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try content { piece in
      bytes += piece
      guard bytes.count <= bytesMax else {
        throw Problem(
          .contentTooLarge, "part_too_large",
          "The part \"\(part.name)\" is longer than \(bytesMax) bytes.")
      }
    }
    return bytes
  }

  private mutating func head() throws -> Part {
    var end = find([0x0D, 0x0A, 0x0D, 0x0A])
    while end == nil {
      guard buffer.count <= Self.headBytesMax else {
        throw Problem.malformed(
          "invalid_multipart", "The head of a part is longer than \(Self.headBytesMax) bytes.")
      }
      try fill()
      end = find([0x0D, 0x0A, 0x0D, 0x0A])
    }
    guard let end, let text = String(validating: buffer[..<end], as: UTF8.self) else {
      throw Problem.malformed("invalid_multipart", "The head of a part is not UTF-8.")
    }
    buffer.removeFirst(end + 4)
    var name: String?
    var fileName: String?
    var contentType: String?
    for line in text.split(separator: "\r\n") {
      let pair = line.split(separator: ":", maxSplits: 1)
      guard pair.count == 2 else {
        throw Problem.malformed("invalid_multipart", "A line in the head of a part has no colon.")
      }
      let value = pair[1].trimmingSpaces()
      switch pair[0].lowercased() {
      case "content-disposition":
        name = MediaType.parameter("name", of: value)
        fileName = MediaType.parameter("filename", of: value)
      case "content-type": contentType = value
      default: break
      }
    }
    guard let name else {
      throw Problem.malformed("invalid_multipart", "A part has no name in its Content-Disposition.")
    }
    return Part(name: name, fileName: fileName, contentType: contentType)
  }

  private mutating func need(_ count: Int) throws {
    while buffer.count < count { try fill() }
  }

  private mutating func fill() throws {
    guard let bytes = try source() else {
      throw Problem.malformed("invalid_multipart", "The body ends before its last boundary.")
    }
    buffer += bytes
  }

  private func find(_ pattern: [UInt8]) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard var from = bytes.baseAddress else { return nil }
      let start = from
      let end = start + bytes.count
      while end - from >= pattern.count,
        let hit = memchr(from, Int32(pattern[0]), end - from - pattern.count + 1)
      {
        if memcmp(hit, pattern, pattern.count) == 0 { return UnsafeRawPointer(hit) - start }
        from = UnsafeRawPointer(hit) + 1
      }
      return nil
    }
  }
}
