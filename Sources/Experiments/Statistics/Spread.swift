/// How some numbers are spread: their median and the quantiles that papers draw ribbons between.
package struct Spread: Sendable, Equatable {
  /// A tenth of the numbers is smaller, and so on.
  package var tenth: Double
  package var quarter: Double
  package var median: Double
  package var threeQuarters: Double
  package var nineTenths: Double

  /// There is at least one number, and none is NaN. Between two numbers, linear in their rank.
  package init(_ numbers: [Double]) {
    precondition(!numbers.isEmpty, "a spread of something")
    let sorted = numbers.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      guard below + 1 < sorted.count else { return sorted[below] }
      return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }
    (tenth, quarter, median) = (quantile(0.1), quantile(0.25), quantile(0.5))
    (threeQuarters, nineTenths) = (quantile(0.75), quantile(0.9))
  }
}
