/// Seeded random numbers: xoshiro256++ (Blackman and Vigna, 2019), its state filled by SplitMix64.
/// Every number is the same on every machine, bit for bit: nothing but integer arithmetic and the
/// operations that IEEE 754 rounds exactly (sums, products, quotients, square roots) is used, and no
/// mathematical library, whose last bits differ.
public struct RandomNumbers: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)
  private var spare: Double?

  /// - Parameter stream: separates independent uses of one seed.
  public init(seed: UInt64, stream: UInt64 = 0) {
    var mixer = seed ^ (stream &* 0xD1B5_4A32_D192_ED03)
    func mixed() -> UInt64 {
      mixer &+= 0x9E37_79B9_7F4A_7C15
      var z = mixer
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    state = (mixed(), mixed(), mixed(), mixed())
  }

  public mutating func next() -> UInt64 {
    let sum = state.0 &+ state.3
    let result = (sum << 23 | sum >> 41) &+ state.0
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = state.3 << 45 | state.3 >> 19
    return result
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  public mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Standard normal, by Marsaglia's polar method.
  public mutating func normal() -> Double {
    if let value = spare {
      spare = nil
      return value
    }
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0, s < 1 {
        let factor = (-2 * Self.logarithm(s) / s).squareRoot()
        spare = v * factor
        return u * factor
      }
    }
  }

  /// The natural logarithm of a normal positive number, to about two units in the last place:
  /// `x = 2^e m` with `m` from `sqrt(1/2)` to `sqrt(2)`, and `log m = 2 atanh((m - 1) / (m + 1))` by
  /// its series, of which twelve terms reach double precision.
  package static func logarithm(_ x: Double) -> Double {
    var mantissa = x.significand
    var exponent = Double(x.exponent)
    if mantissa > 1.414_213_562_373_095_1 {
      mantissa *= 0.5
      exponent += 1
    }
    let t = (mantissa - 1) / (mantissa + 1)
    let square = t * t
    var sum = 1.0 / 23
    sum = ((sum * square + 1.0 / 21) * square + 1.0 / 19) * square + 1.0 / 17
    sum = ((sum * square + 1.0 / 15) * square + 1.0 / 13) * square + 1.0 / 11
    sum = ((sum * square + 1.0 / 9) * square + 1.0 / 7) * square + 1.0 / 5
    sum = sum * square + 1.0 / 3
    // log 2 in two parts, the first exact in products with exponents.
    let high = 0x1.62e42feep-1
    let low = 0x1.a39ef35793c76p-33
    return exponent * high + (exponent * low + (2 * t + 2 * t * (square * sum)))
  }

  /// `count` rows of independent standard normal numbers.
  public mutating func normal(count: Int, width: Int) -> Batch {
    var values: [Float] = []
    values.reserveCapacity(count * width)
    for _ in 0..<count * width { values.append(Float(normal())) }
    return Batch(count: count, width: width, values: values)
  }

  /// `count` of the numbers below `bound`, each set as likely as any other, in ascending order;
  /// `count` is at most `bound`.
  /// (Selection sampling: Knuth, The Art of Computer Programming, volume 2, algorithm 3.4.2 S.)
  public mutating func subset(_ count: Int, below bound: Int) -> [Int] {
    var chosen: [Int] = []
    chosen.reserveCapacity(count)
    for candidate in 0..<bound where chosen.count < count {
      if Double(bound - candidate) * uniform() < Double(count - chosen.count) {
        chosen.append(candidate)
      }
    }
    return chosen
  }
}
