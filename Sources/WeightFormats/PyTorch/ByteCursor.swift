/// Reads a source from front to back in windows, at most as much of it as a header may have.
struct ByteCursor {
  /// The next byte, from the start of the source.
  private(set) var position: Int

  private let source: any ByteSource
  private let limits: WeightLimits
  private var window: [UInt8] = []
  private var windowStart = 0

  private static let windowBytes = 1 << 16

  init(_ source: any ByteSource, limits: WeightLimits) {
    self.source = source
    self.limits = limits
    position = 0
  }

  mutating func byte() throws(WeightFormatError) -> UInt8 {
    if position < windowStart || position - windowStart >= window.count { try refill(1) }
    defer { position += 1 }
    return window[position - windowStart]
  }

  mutating func bytes(_ count: Int) throws(WeightFormatError) -> ArraySlice<UInt8> {
    guard count > 0 else { return [] }
    if position < windowStart || window.count - (position - windowStart) < count {
      try refill(count)
    }
    defer { position += count }
    return window[(position - windowStart)...].prefix(count)
  }

  /// A little-endian number of `width` bytes, at most 8.
  mutating func integer(_ width: Int) throws(WeightFormatError) -> UInt64 {
    try bytes(width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Loads a window from `position` on with at least `count` bytes.
  private mutating func refill(_ count: Int) throws(WeightFormatError) {
    let (read, overflow) = position.addingReportingOverflow(count)
    try limits.check(
      "the size in bytes of the checkpoint's pickle", overflow ? .max : read,
      atMost: limits.headerBytesMax, named: "headerBytesMax")
    guard count <= source.byteCount - position else {
      throw PyTorchCheckpoint.malformed("the pickle is cut off; was the upload?")
    }
    let size = min(
      max(count, Self.windowBytes), source.byteCount - position, limits.headerBytesMax - position)
    window = try source.bytes(at: position, count: size)
    windowStart = position
  }
}
