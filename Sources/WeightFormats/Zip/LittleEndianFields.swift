/// The integers of a binary record, little-endian, by their offsets in it.
struct LittleEndianFields {
  let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
  }

  init(_ bytes: [UInt8]) {
    self.bytes = bytes[...]
  }

  func uint16(_ offset: Int) -> Int { Int(integer(offset, width: 2)) }
  func uint32(_ offset: Int) -> Int { Int(integer(offset, width: 4)) }

  /// - Returns: `Int.max` for what an `Int` does not hold, which no limit accepts.
  func uint64(_ offset: Int) -> Int { Int(clamping: integer(offset, width: 8)) }

  /// `offset + width` must be within the record.
  private func integer(_ offset: Int, width: Int) -> UInt64 {
    let start = bytes.startIndex + offset
    return bytes[start..<start + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
