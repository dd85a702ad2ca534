import Foundation

/// Counts of independent events.
enum PoissonDistribution {
  /// `log P(N >= count)` at a rate, for a count of at least 1 and a positive rate.
  static func logProbability(atLeast count: Double, rate: Double) -> Double {
    IncompleteGamma(count, rate).logLower
  }

  /// `log P(N <= count)` at a rate, for a count of at least 0 and a positive rate.
  static func logProbability(atMost count: Double, rate: Double) -> Double {
    IncompleteGamma(count + 1, rate).logUpper
  }

  /// `log P(N = count)`
  static func logProbability(of count: Double, rate: Double) -> Double {
    count == 0 ? -rate : count * log(rate) - rate - lgamma(count + 1).0
  }
}

/// The regularised incomplete gamma functions `P(a, x)` and `Q(a, x) = 1 - P(a, x)`, by the series
/// below the mean and the continued fraction above it (Abramowitz and Stegun 6.5.29, 6.5.31); of
/// very large `a` by the cube-root transformation of Wilson and Hilferty (1931).
private struct IncompleteGamma {
  /// `log P(a, x)`
  var logLower: Double
  /// `log Q(a, x)`
  var logUpper: Double

  private static let largest = 1e4
  private static let termsMax = 4000

  init(_ a: Double, _ x: Double) {
    if a > Self.largest {
      let u = 3 * a.squareRoot() * (cbrt(x / a) - 1 + 1 / (9 * a))
      logLower = NormalDistribution.logProbability(below: u)
      logUpper = NormalDistribution.logProbability(below: -u)
      return
    }
    let logTerm = a * log(x) - x - lgamma(a + 1).0
    if x < a + 1 {
      logLower = min(logTerm + log(Self.series(a, x)), 0)
      logUpper = log1p(-exp(logLower))
    } else {
      logUpper = min(logTerm + log(a * Self.fraction(a, x)), 0)
      logLower = log1p(-exp(logUpper))
    }
  }

  /// `sum_k x^k / ((a + 1) ... (a + k))`
  private static func series(_ a: Double, _ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    for place in 1...termsMax {
      term *= x / (a + Double(place))
      sum += term
      if term < 1e-16 * sum { break }
    }
    return sum
  }

  /// `1 / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ...))`, by Lentz's method.
  private static func fraction(_ a: Double, _ x: Double) -> Double {
    let tiny = 1e-300
    var b = x + 1 - a
    var c = 1 / tiny
    var d = 1 / b
    var value = d
    for place in 1...termsMax {
      let numerator = -Double(place) * (Double(place) - a)
      b += 2
      d = 1 / nonzero(numerator * d + b, tiny)
      c = nonzero(b + numerator / c, tiny)
      value *= d * c
      if abs(d * c - 1) < 1e-15 { break }
    }
    return value
  }

  private static func nonzero(_ x: Double, _ tiny: Double) -> Double { abs(x) < tiny ? tiny : x }
}
