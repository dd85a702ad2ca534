#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A decimal number as it was read, and the `Double` nearest to it.
struct DecimalNumber {
  private(set) var mantissa: UInt64 = 0
  /// Digits of the mantissa from the first that is not zero on.
  private(set) var digits = 0
  /// Of ten.
  var exponent = 0

  /// Up to 19 digits fit in the mantissa; of more, it holds nothing of use.
  private static let digitsMax = 19

  /// Reads digits, eight at a time while there are so many, and moves `at` behind them.
  mutating func readDigits(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) {
    while at &+ 8 <= text.count, let eight = Self.eightDigits(text, at) {
      mantissa = mantissa &* 100_000_000 &+ eight
      if digits > 0 || mantissa != 0 { digits &+= 8 }
      at &+= 8
    }
    while at < text.count {
      let digit = text[at] &- 0x30
      guard digit < 10 else { return }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      if digits > 0 || mantissa != 0 { digits &+= 1 }
      at &+= 1
    }
  }

  /// The value of eight digits; `nil` when one of the bytes is none. Pairs, then fours, then all
  /// eight are joined within one word.
  private static func eightDigits(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt64? {
    guard let base = text.baseAddress else { return nil }
    var word = UInt64(littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self))
    // A byte is a digit when its upper half is 3, also after 6 was added.
    let upper: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    let threes: UInt64 = 0x3030_3030_3030_3030
    guard word & upper == threes, (word &+ 0x0606_0606_0606_0606) & upper == threes else {
      return nil
    }
    word = word & 0x0F0F_0F0F_0F0F_0F0F
    word = (word &* 2561) &>> 8 & 0x00FF_00FF_00FF_00FF
    word = (word &* 6_553_601) &>> 16 & 0x0000_FFFF_0000_FFFF
    return (word &* 42_949_672_960_001) &>> 32
  }

  /// The nearest `Double`, of two the even one; `nil` when that takes more than a 128-bit integer.
  var nearest: Double? {
    guard digits <= Self.digitsMax else { return nil }
    if mantissa <= 1 << 53, abs(exponent) <= 22 {
      // Both are exact in a Double, and so is the rounding of one operation.
      return exponent < 0
        ? Double(mantissa) / doublePowersOfTen[-exponent]
        : Double(mantissa) * doublePowersOfTen[exponent]
    }
    guard mantissa != 0, abs(exponent) < powersOfTen.count else { return nil }
    return exponent < 0 ? quotient(powersOfTen[-exponent]) : product(powersOfTen[exponent])
  }

  /// Both are shifted so that the quotient has 64 bits, of which 53 are kept.
  private func quotient(_ divisor: UInt64) -> Double {
    let (raised, raise) = (
      mantissa &<< UInt64(mantissa.leadingZeroBitCount), mantissa.leadingZeroBitCount
    )
    let lift = divisor.leadingZeroBitCount
    let normal = divisor &<< UInt64(lift)
    let isLarger = raised >= normal
    let (quotient, remainder) = normal.dividingFullWidth(
      isLarger ? (raised &>> 1, raised &<< 63) : (raised, 0))
    return Self.rounded(
      quotient, hasMore: remainder != 0, exponent: lift - raise - 64 + (isLarger ? 1 : 0))
  }

  private func product(_ factor: UInt64) -> Double {
    let (high, low) = mantissa.multipliedFullWidth(by: factor)
    guard high != 0 else { return Double(low) }
    let shift = UInt64(high.leadingZeroBitCount)
    let top = shift == 0 ? high : high &<< shift | low &>> (64 &- shift)
    return Self.rounded(top, hasMore: low &<< shift != 0, exponent: 64 - Int(shift))
  }

  /// `bits * 2^exponent`, with a little more if `hasMore`; the first of the 64 bits is set, and the
  /// number is far from the ends of what a `Double` holds.
  private static func rounded(_ bits: UInt64, hasMore: Bool, exponent: Int) -> Double {
    let (kept, rest, half) = (bits &>> 11, bits & 0x7FF, UInt64(0x400))
    let isUp = rest > half || (rest == half && (hasMore || kept & 1 == 1))
    return Double(sign: .plus, exponent: exponent + 11, significand: Double(kept &+ (isUp ? 1 : 0)))
  }
}

private let doublePowersOfTen: [Double] = [
  1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
  1e18, 1e19, 1e20, 1e21, 1e22,
]

/// As far as 64 bits reach.
private let powersOfTen: [UInt64] = (0...19).map { exponent in
  (0..<exponent).reduce(1) { power, _ in power * 10 }
}
