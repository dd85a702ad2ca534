/// How an NPY file stores one number, and how it becomes a `Float`.
public struct NPYElementType: Sendable {
  public enum Kind: Character, Sendable {
    case bool = "b"
    case signed = "i"
    case unsigned = "u"
    case floating = "f"
  }

  public let kind: Kind
  /// Bytes of one element: 1, 2, 4 or 8.
  public let width: Int
  public let isBigEndian: Bool

  /// - Parameter text: an array-protocol type string such as `<f4` [NumPy, array interface].
  public init(_ text: String) throws(SignalFormatError) {
    let characters = Array(text)
    guard characters.count == 3, let kind = Kind(rawValue: characters[1]),
      let width = characters[2].wholeNumberValue
    else { throw .elementType(text) }
    let widths: [Int] =
      switch kind {
      case .bool: [1]
      case .signed, .unsigned: [1, 2, 4, 8]
      case .floating: [2, 4, 8]
      }
    // One byte has no order, and several need one; NumPy writes "|" for the first alone.
    guard widths.contains(width), (width == 1 ? "|<>" : "<>").contains(characters[0]) else {
      throw .elementType(text)
    }
    self.kind = kind
    self.width = width
    isBigEndian = characters[0] == ">"
  }

  /// `count` elements from `offset` on; they must lie within `bytes`.
  func values(in bytes: [UInt8], at offset: Int, count: Int) -> [Float] {
    switch (kind, width) {
    case (.floating, 2): load(bytes, offset, count) { Float(Float16(bitPattern: $0)) }
    case (.floating, 4): load(bytes, offset, count) { Float(bitPattern: $0) }
    case (.floating, _): load(bytes, offset, count) { Float(Double(bitPattern: $0)) }
    case (.bool, _): load(bytes, offset, count) { (byte: UInt8) in byte == 0 ? 0 : 1 }
    case (.unsigned, 1): load(bytes, offset, count) { (stored: UInt8) in Float(stored) }
    case (.unsigned, 2): load(bytes, offset, count) { (stored: UInt16) in Float(stored) }
    case (.unsigned, 4): load(bytes, offset, count) { (stored: UInt32) in Float(stored) }
    case (.unsigned, _): load(bytes, offset, count) { (stored: UInt64) in Float(stored) }
    case (.signed, 1): load(bytes, offset, count) { (stored: Int8) in Float(stored) }
    case (.signed, 2): load(bytes, offset, count) { (stored: Int16) in Float(stored) }
    case (.signed, 4): load(bytes, offset, count) { (stored: Int32) in Float(stored) }
    case (.signed, _): load(bytes, offset, count) { (stored: Int64) in Float(stored) }
    }
  }

  private func load<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: [UInt8], _ offset: Int, _ count: Int, _ convert: (Stored) -> Float
  ) -> [Float] {
    precondition(offset >= 0 && count >= 0 && offset + count * width <= bytes.count)
    return [Float](unsafeUninitializedCapacity: count) { values, initialized in
      bytes.withUnsafeBytes { raw in
        for place in 0..<count {
          let stored = raw.loadUnaligned(
            fromByteOffset: offset &+ place &* MemoryLayout<Stored>.size, as: Stored.self)
          (values.baseAddress! + place).initialize(
            to: convert(isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored)))
        }
      }
      initialized = count
    }
  }
}
