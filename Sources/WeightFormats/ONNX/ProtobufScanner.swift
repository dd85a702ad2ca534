/// Finds the fields of a protobuf message within a source of bytes, without holding the message
/// [protobuf.dev, "Encoding"].
///
/// SwiftProtobuf decodes a message that is whole in memory, copies its `bytes` fields, and does not
/// say where they stood. For a model that would be the weights three times over, so that the outer
/// levels of a file are taken apart here and only the small pieces are decoded.
struct ProtobufScanner {
  /// One field: its number, its kind, and where it stands.
  struct Field {
    enum Wire: UInt64 {
      case varint = 0
      case fixed64 = 1
      case bytes = 2
      case fixed32 = 5
    }

    var number: Int
    var wire: Wire
    /// The whole field with its tag.
    var range: Range<Int>
    /// What is within: of a message its fields, of a packed list its numbers.
    var content: Range<Int>
  }

  private let source: any ByteSource
  private var window: [UInt8] = []
  private var windowStart = 0

  /// How much is read at a time while looking for fields.
  static let windowBytes = 1 << 14

  init(_ source: any ByteSource) {
    self.source = source
  }

  /// The field that starts at `position` within a message that ends at `end`.
  /// - Throws: `WeightFormatError.malformed` when none does, or it does not end before `end`.
  mutating func field(at position: Int, end: Int) throws(WeightFormatError) -> Field {
    var place = position
    let tag = try varint(at: &place, end: end)
    guard let wire = Field.Wire(rawValue: tag & 7), (1...536_870_911).contains(tag >> 3) else {
      throw ONNX.malformed("no field starts at byte \(position)")
    }
    var length: UInt64
    switch wire {
    case .varint:
      let start = place
      _ = try varint(at: &place, end: end)
      length = UInt64(place - start)
      place = start
    case .fixed64: length = 8
    case .fixed32: length = 4
    case .bytes: length = try varint(at: &place, end: end)
    }
    guard length <= end - place else {
      throw ONNX.malformed(
        "the field at byte \(position) has \(length) bytes, but only \(end - place) are left; "
          + "was the upload cut off?")
    }
    let content = place..<place + Int(length)
    return Field(
      number: Int(tag >> 3), wire: wire, range: position..<content.upperBound, content: content)
  }

  /// The bytes of a range that ``field(at:end:)`` gave.
  mutating func bytes(_ range: Range<Int>) throws(WeightFormatError) -> [UInt8] {
    let start = range.lowerBound - windowStart
    if start >= 0, range.upperBound - windowStart <= window.count {
      return Array(window[start..<start + range.count])
    }
    return try source.bytes(at: range.lowerBound, count: range.count)
  }

  private mutating func varint(at place: inout Int, end: Int) throws(WeightFormatError) -> UInt64 {
    let start = place
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard place < end else {
        throw ONNX.malformed("ends within a number at byte \(start); was the upload cut off?")
      }
      let byte = try byte(at: place)
      place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw ONNX.malformed("the number at byte \(start) has more than ten bytes")
  }

  private mutating func byte(at place: Int) throws(WeightFormatError) -> UInt8 {
    if place < windowStart || place - windowStart >= window.count {
      window = try source.bytes(
        at: place, count: min(Self.windowBytes, source.byteCount - place))
      windowStart = place
    }
    return window[place - windowStart]
  }
}
