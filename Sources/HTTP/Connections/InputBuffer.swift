/// The bytes of a connection that were read and not yet understood, in storage that is lent to it. It
/// grows to its limit only for a head that needs it.
struct InputBuffer {
  /// Empty while none is lent.
  private(set) var storage: [UInt8] = []
  /// Where the unread bytes are in `storage`.
  private(set) var range = 0..<0
  private let capacityMax: Int

  init(capacityMax: Int) {
    self.capacityMax = capacityMax
  }

  /// Makes sure that there is storage to read into.
  mutating func borrow(from pool: inout BufferPool) {
    if storage.isEmpty { storage = pool.takeInput() }
  }

  /// Returns storage that holds no bytes.
  mutating func giveBack(to pool: inout BufferPool) {
    guard range.isEmpty, !storage.isEmpty else { return }
    let lent = storage
    storage = []
    pool.giveBack(input: lent)
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
      let count = min(storage.count * 2, max(storage.count, capacityMax))
      precondition(count > storage.count, "a full buffer is not read into")
      storage += [UInt8](repeating: 0, count: count - storage.count)
    }
  }
}
