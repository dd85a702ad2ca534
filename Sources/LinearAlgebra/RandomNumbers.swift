#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Seeded random numbers: xoshiro256++ (Blackman and Vigna, 2019), its state filled by SplitMix64.
/// The integers and uniform numbers are the same on every machine.
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
        let factor = (-2 * log(s) / s).squareRoot()
        spare = v * factor
        return u * factor
      }
    }
  }

  /// `count` rows of independent standard normal numbers.
  public mutating func normal(count: Int, width: Int) -> Batch {
    var values: [Float] = []
    values.reserveCapacity(count * width)
    for _ in 0..<count * width { values.append(Float(normal())) }
    return Batch(count: count, width: width, values: values)
  }
}
