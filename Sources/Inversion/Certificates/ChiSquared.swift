/// The distribution of a sum of squared normal numbers of deviation 1.
package enum ChiSquared {
  /// Whether a sum lies more than three deviations above the mean, as about 0.7 % of those of twenty
  /// numbers do.
  package static func isBeyond(_ sum: Double, freedom: Int) -> Bool {
    let mean = Double(freedom)
    return sum > mean + 3 * (2 * mean).squareRoot()
  }
}
