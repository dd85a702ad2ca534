/// How some numbers are spread.
public struct Quantiles: Sendable, Equatable {
  public var least: Double
  public var lowerQuartile: Double
  public var median: Double
  public var upperQuartile: Double
  public var greatest: Double

  /// Between two numbers, linear in their rank; infinite numbers count as the largest.
  /// `nil` of none.
  init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    func at(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let (below, part) = (Int(place), place - Double(Int(place)))
      guard part > 0, sorted[below] < sorted[below + 1] else { return sorted[below] }
      return sorted[below] + part * (sorted[below + 1] - sorted[below])
    }
    (least, lowerQuartile, median) = (at(0), at(0.25), at(0.5))
    (upperQuartile, greatest) = (at(0.75), at(1))
  }
}
