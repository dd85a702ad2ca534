/// Eight entries of a row, which activation functions take at once. (Wider vectors compile to
/// slow code for processors without fused multiplication.)
public typealias Entries = SIMD8<Float>

/// Elementary functions of eight numbers at once, over all of `Float`: infinities give the limits,
/// what is not a number stays so. The stated errors, in units in the last place of the exact
/// result, were found by trying numbers of every size, and `VectorFunctionsTests` holds them.
public enum VectorFunctions {
  /// Within 2 units.
  public static func exp(_ x: Entries) -> Entries {
    // Beyond these limits the result is infinite, or zero, all the same.
    let bounded = x.replacing(with: 89, where: x .> 89).replacing(with: -104, where: x .< -104)
    let (power, rest) = reduced(bounded)
    // In two steps, so that neither factor leaves the range where the product may.
    let half = power &>> 1
    return (1 + expm1Polynomial(rest)) * powerOfTwo(half) * powerOfTwo(power &- half)
  }

  /// `exp(x) - 1`, within 3 units.
  public static func expm1(_ x: Entries) -> Entries {
    let bounded = x.replacing(with: 89, where: x .> 89).replacing(with: -18, where: x .< -18)
    let (power, rest) = reduced(bounded)
    let scale = powerOfTwo(power &- 1)
    return 2 * (scale * expm1Polynomial(rest) + (scale - 0.5))
  }

  /// Within 4 units.
  public static func tanh(_ x: Entries) -> Entries {
    let size = magnitude(x)
    let power = expm1(2 * size.replacing(with: 10, where: size .> 10))
    return copySign(of: x, to: power / (power + 2))
  }

  /// `1 / (1 + exp(-x))`, within 4 units, also where it is nearly zero.
  public static func sigmoid(_ x: Entries) -> Entries {
    let power = exp(-magnitude(x))
    let upper = 1 / (1 + power)
    return upper.replacing(with: power * upper, where: x .< 0)
  }

  /// The error function, within 4 units.
  public static func erf(_ x: Entries) -> Entries {
    let size = magnitude(x)
    let bounded = size.replacing(with: 4, where: size .> 4)
    // Near zero an odd polynomial; elsewhere 1 - exp of one. Both are Chebyshev fits.
    let square = size * size
    var near = Entries(repeating: 0.00007875875062688485341)
    near = near * square - 0.0008016864287165869529
    near = near * square + 0.005189087423433973986
    near = near * square - 0.02685421201062641245
    near = near * square + 0.1128359471516021773
    near = near * square - 0.3761262666672033102
    near = near * square + 1.128379165848350946
    var far = Entries(repeating: -0.000001637151414593643565)
    far = far * bounded + 0.00004605804268918977925
    far = far * bounded - 0.0005968056256607797063
    far = far * bounded + 0.004759596293266264644
    far = far * bounded - 0.02642113600566389669
    far = far * bounded + 0.1100800829488202466
    far = far * bounded + 0.6318260515591630143
    far = far * bounded + 1.130233434841994029
    far = far * bounded - 0.0003201380496776988366
    return copySign(of: x, to: (size * near).replacing(with: -expm1(-far), where: size .> 1))
  }

  // MARK: Parts

  /// `x = power log 2 + rest` with `|rest| <= log(2) / 2`.
  @inline(__always)
  private static func reduced(_ x: Entries) -> (power: SIMD8<Int32>, rest: Entries) {
    // Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits.
    let magic: Float = 12_582_912
    let shifted = x * 1.442695040888963 + magic
    let whole = shifted - magic
    let power = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- Int32(bitPattern: magic.bitPattern)
    // log 2 in two parts, the first short enough for its products to be exact.
    return (power, (x - whole * 0.693359375) + whole * 2.12194440054690583e-4)
  }

  /// `exp(x) - 1` for `|x| <= log(2) / 2`, with a Chebyshev fit of `(exp(x) - 1 - x) / x^2`.
  @inline(__always)
  private static func expm1Polynomial(_ x: Entries) -> Entries {
    var sum = Entries(repeating: 0.001392621346633244303)
    sum = sum * x + 0.008363202971575854944
    sum = sum * x + 0.04166655443768593888
    sum = sum * x + 0.1666657684599397631
    sum = sum * x + 0.5
    return x + x * x * sum
  }

  /// `2^power`, where that is a normal number.
  @inline(__always)
  private static func powerOfTwo(_ power: SIMD8<Int32>) -> Entries {
    unsafeBitCast((power &+ 127) &<< 23, to: Entries.self)
  }

  @inline(__always)
  private static func magnitude(_ x: Entries) -> Entries {
    unsafeBitCast(unsafeBitCast(x, to: SIMD8<UInt32>.self) & 0x7fff_ffff, to: Entries.self)
  }

  @inline(__always)
  private static func copySign(of sign: Entries, to size: Entries) -> Entries {
    unsafeBitCast(
      unsafeBitCast(size, to: SIMD8<UInt32>.self)
        | (unsafeBitCast(sign, to: SIMD8<UInt32>.self) & 0x8000_0000), to: Entries.self)
  }
}
