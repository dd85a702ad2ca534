/// A number that stands for bytes, to find damage and mistaken identity by chance; it keeps nobody
/// out. As FNV-1a (Fowler, Noll and Vo), a word at a time: a change within one word is always found.
struct Fingerprint {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init(of bytes: some Collection<UInt8>) {
    mix(UInt64(bytes.count))
    var word: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes {
      word |= UInt64(byte) << shift
      shift += 8
      guard shift == 64 else { continue }
      mix(word)
      (word, shift) = (0, 0)
    }
    if shift > 0 { mix(word) }
  }

  /// Of several, in their order.
  init(of parts: [[UInt8]]) {
    for part in parts { mix(Fingerprint(of: part).value) }
  }

  private mutating func mix(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01b3
    value ^= value >> 32
  }
}
