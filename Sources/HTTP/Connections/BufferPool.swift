/// The buffers of one event loop, lent to a connection while it has bytes and taken back when it has
/// none: an idle connection holds no buffer, and a busy loop uses the same few again and again, which
/// stay in the processor's cache.
struct BufferPool {
  private static let inputBytes = 16 << 10
  private static let outputBytes = 16 << 10
  /// Buffers kept for later; what comes back beyond them is freed.
  private static let spareMax = 64

  private var inputs: [[UInt8]] = []
  private var outputs: [[UInt8]] = []

  /// A buffer whose every byte may be written to.
  mutating func takeInput() -> [UInt8] {
    inputs.popLast() ?? [UInt8](repeating: 0, count: Self.inputBytes)
  }

  mutating func giveBack(input: [UInt8]) {
    if input.count == Self.inputBytes, inputs.count < Self.spareMax { inputs.append(input) }
  }

  /// An empty buffer with room to append.
  mutating func takeOutput() -> [UInt8] {
    if let output = outputs.popLast() { return output }
    var output: [UInt8] = []
    output.reserveCapacity(Self.outputBytes)
    return output
  }

  /// `output` must be empty.
  mutating func giveBack(output: [UInt8]) {
    let isOfUse = (1...Self.outputBytes * 4).contains(output.capacity)
    if isOfUse, outputs.count < Self.spareMax { outputs.append(output) }
  }
}
