/// The bytes of a connection that were read and not yet understood. It grows to its limit only for
/// a head that needs it.
struct InputBuffer {
  private(set) var storage: [UInt8]
  /// Where the unread bytes are in `storage`.
  private(set) var range = 0..<0
  private let capacityMax: Int

  init(capacity: Int, capacityMax: Int) {
    storage = [UInt8](repeating: 0, count: capacity)
    self.capacityMax = max(capacity, capacityMax)
  }

  var isEmpty: Bool { range.isEmpty }
  var isFull: Bool { range.count >= capacityMax }

  /// Forgets the first `count` bytes.
  mutating func consume(_ count: Int) {
    range = range.lowerBound + count..<range.upperBound
    if range.isEmpty { range = 0..<0 }
  }

  mutating func removeAll() {
    range = 0..<0
  }

  /// Lends the free space behind the bytes and takes note of how much of it was filled.
  mutating func withFreeBytes(
    _ fill: (UnsafeMutableRawBufferPointer) -> Socket.Transfer
  ) -> Socket.Transfer {
    makeRoom()
    let start = range.upperBound
    let outcome = storage.withUnsafeMutableBytes { raw in
      fill(UnsafeMutableRawBufferPointer(rebasing: raw[start...]))
    }
    if case .bytes(let count) = outcome { range = range.lowerBound..<start + count }
    return outcome
  }

  /// How many bytes the next read could bring.
  var freeBytes: Int { storage.count - range.upperBound }

  private mutating func makeRoom() {
    guard range.upperBound == storage.count else { return }
    if range.lowerBound > 0 {
      let count = range.count
      storage.withUnsafeMutableBytes { raw in
        raw.copyMemory(from: UnsafeRawBufferPointer(rebasing: raw[range]))
      }
      range = 0..<count
    } else {
      let count = min(max(storage.count * 2, 1), capacityMax)
      precondition(count > storage.count, "a full buffer is not read into")
      storage += [UInt8](repeating: 0, count: count - storage.count)
    }
  }
}
