/// Puts values into the bytes of a checkpoint: little endian, bit for bit, with nothing between.
public struct CheckpointWriter: Sendable {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  mutating func write(_ value: some Checkpointable) { value.write(to: &self) }

  mutating func write(bits: some FixedWidthInteger) {
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Behind their number.
  mutating func write(bytes more: [UInt8]) {
    write(more.count)
    bytes.append(contentsOf: more)
  }
}
