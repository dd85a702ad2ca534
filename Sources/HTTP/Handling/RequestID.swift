import Synchronization

/// Ids that name a request in logs and responses: the client's own when it is sane, else a fresh
/// one.
public enum RequestID {
  /// Whether `bytes` may be echoed and logged: `[A-Za-z0-9._-]{1,128}`.
  package static func isSane(_ bytes: ArraySlice<UInt8>) -> Bool {
    (1...128).contains(bytes.count) && bytes.allSatisfy(ByteSet.requestID.contains)
  }

  /// Makes ids of 13 base-32 characters, distinct within 2^64 calls: a counter that begins at a
  /// random place and is stirred, so that neighbours do not look alike.
  public static func generator(
    seed: UInt64 = .random(in: 0 ... .max)
  ) -> @Sendable () -> String {
    let counter = RequestCounter(seed)
    return { counter.next() }
  }
}

private final class RequestCounter: Sendable {
  private let value: Atomic<UInt64>

  init(_ seed: UInt64) { value = Atomic(seed) }

  func next() -> String {
    // The finaliser of SplitMix64 is a bijection: distinct counts stay distinct.
    var mixed = value.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue
    mixed = (mixed ^ mixed &>> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed &>> 27) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed &>> 31
    // 13 bytes fit into a String itself: nothing is allocated.
    return String(unsafeUninitializedCapacity: 13) { digits in
      for index in 0..<13 {
        let digit = UInt8(truncatingIfNeeded: mixed & 31)
        digits.initializeElement(at: index, to: digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
        mixed = mixed &>> 5
      }
      return 13
    }
  }
}
