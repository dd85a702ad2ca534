import Foundation

/// The distribution of a sum of squared normal numbers of deviation 1.
package enum ChiSquared {
  /// Whether a sum lies more than three deviations above the mean, as about 0.7 % of those of twenty
  /// numbers do.
  package static func isBeyond(_ sum: Double, freedom: Int) -> Bool {
    let mean = Double(freedom)
    return sum > mean + 3 * (2 * mean).squareRoot()
  }

  /// Whether a sum is as improbable as a normal number beyond three deviations: 0.27 % of sums are.
  /// The cube root of a sum's mean is nearly normal (Wilson and Hilferty 1931).
  package static func isImprobable(_ sum: Double, freedom: Int) -> Bool {
    let spread = 2 / (9 * Double(freedom))
    let normal = (pow(sum / Double(freedom), 1.0 / 3) - (1 - spread)) / spread.squareRoot()
    return normal > 2.782
  }
}
