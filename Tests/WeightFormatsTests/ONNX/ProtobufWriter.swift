/// Protobuf messages written field by field, so that they can be wrong in one place at a time.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  mutating func tag(_ field: Int, wire: UInt64) {
    varint(UInt64(field) << 3 | wire)
  }

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F | 0x80))
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func int(_ field: Int, _ value: Int) {
    tag(field, wire: 0)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func float(_ field: Int, _ value: Float) {
    tag(field, wire: 5)
    bytes += littleEndian(value.bitPattern)
  }

  mutating func content(_ field: Int, _ content: [UInt8]) {
    tag(field, wire: 2)
    varint(UInt64(content.count))
    bytes += content
  }

  mutating func string(_ field: Int, _ text: String) {
    content(field, Array(text.utf8))
  }

  mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
    content(field, Self.message(write))
  }

  static func message(_ write: (inout ProtobufWriter) -> Void) -> [UInt8] {
    var writer = ProtobufWriter()
    write(&writer)
    return writer.bytes
  }
}

func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.littleEndian) { Array($0) }
}
