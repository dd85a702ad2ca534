/// The median of some numbers, between two of them that hold the true one in at least 95 of 100
/// experiments, whatever the distribution; with fewer than six numbers, between the extremes.
public struct Median: Sendable, Equatable {
  public var value: Double
  public var interval: ClosedRange<Double>
  public var trials: Int

  /// There is at least one number, and none is NaN.
  public init(_ numbers: [Double]) {
    precondition(!numbers.isEmpty, "a median of something")
    let sorted = numbers.sorted()
    let count = sorted.count
    trials = count
    value = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    // The ranks of a binomial distribution with probability 1/2, by its normal approximation.
    let reach = 1.959_964 * Double(count).squareRoot() / 2
    let low = max(0, Int((Double(count) / 2 - reach).rounded(.down)))
    interval = sorted[low]...sorted[count - 1 - low]
  }
}
