import LinearAlgebra

/// Takes values from the bytes of a checkpoint. The bytes may be anything: what cannot be read is an
/// error, and no more is allocated than the bytes can fill.
public struct CheckpointReader: Sendable {
  private let bytes: [UInt8]
  private var place = 0

  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  private var remainingCount: Int { bytes.count - place }

  mutating func read<Value: Checkpointable>() throws(CheckpointError) -> Value {
    try Value(from: &self)
  }

  mutating func readBits<Bits: FixedWidthInteger>() throws(CheckpointError) -> Bits {
    let width = Bits.bitWidth / 8
    guard remainingCount >= width else { throw .malformed("it ends too early") }
    defer { place += width }
    return bytes[place..<place + width].reversed().reduce(0) { ($0 << 8) | Bits($1) }
  }

  /// How many elements follow, each of a byte or more.
  mutating func readCount() throws(CheckpointError) -> Int {
    let count: Int = try read()
    guard (0...remainingCount).contains(count) else {
      throw .malformed("\(count) elements do not fit")
    }
    return count
  }

  mutating func readBytes() throws(CheckpointError) -> [UInt8] {
    let count = try readCount()
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  /// An array of that many elements.
  mutating func readArray<Element: Checkpointable>(
    of count: Int
  ) throws(CheckpointError) -> [Element] {
    let elements: [Element] = try read()
    guard elements.count == count else {
      throw .malformed("\(elements.count) elements in the place of \(count)")
    }
    return elements
  }

  /// As many rows, of the same width.
  mutating func readBatch(like other: Batch) throws(CheckpointError) -> Batch {
    let batch: Batch = try read()
    guard batch.count == other.count, batch.width == other.width else {
      throw .malformed("\(batch.count) rows in the place of \(other.count)")
    }
    return batch
  }

  func requireEnd() throws(CheckpointError) {
    guard remainingCount == 0 else { throw .malformed("\(remainingCount) bytes are left over") }
  }
}

/// Why bytes are no checkpoint to go on from.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// They are cut off, altered, or not a checkpoint at all.
  case malformed(String)
  /// Another version of the format.
  case otherFormat(UInt64)
  /// Of another problem, solver or seed.
  case foreign

  public var description: String {
    switch self {
    case .malformed(let detail): "it is damaged: \(detail)"
    case .otherFormat(let version): "its format is \(version), and \(SolveRecord.format) is read"
    case .foreign: "it is of another problem, solver or seed"
    }
  }
}
