import Foundation

/// How numbers are distributed, against a Gaussian of the same mean and deviation.
public struct Moments: Sendable, Equatable {
  public var count: Int
  public var mean: Double
  /// Standard deviation.
  public var deviation: Double
  /// Third standardised moment: 0 for anything symmetric.
  public var skewness: Double
  /// Fourth standardised moment less 3: 0 for a Gaussian.
  public var excessKurtosis: Double
  /// Kolmogorov's and Smirnov's distance to that Gaussian: the largest difference between the
  /// distribution functions.
  public var gaussianDistance: Double

  /// There are at least two numbers and they are not all the same.
  public init(_ numbers: [Float]) {
    let values = numbers.map(Double.init)
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    func moment(_ power: Double) -> Double {
      values.reduce(0) { $0 + pow($1 - mean, power) } / count
    }
    let deviation = moment(2).squareRoot()
    precondition(deviation > 0, "numbers that differ")
    self.count = values.count
    self.mean = mean
    self.deviation = deviation
    skewness = moment(3) / pow(deviation, 3)
    excessKurtosis = moment(4) / pow(deviation, 4) - 3
    gaussianDistance = values.sorted().enumerated().reduce(0) { distance, entry in
      let (rank, value) = (Double(entry.offset), entry.element)
      let gaussian = erfc(-(value - mean) / deviation / 2.0.squareRoot()) / 2
      return max(distance, gaussian - rank / count, (rank + 1) / count - gaussian)
    }
  }

  /// What the distance of as many Gaussian numbers exceeds in 5 of 100 draws, mean and deviation
  /// being taken from the numbers themselves (Lilliefors 1967, for large counts).
  public var distanceByChance: Double { 0.886 / Double(count).squareRoot() }
  /// Standard errors of the two moments if the numbers were Gaussian.
  public var skewnessError: Double { (6 / Double(count)).squareRoot() }
  public var kurtosisError: Double { (24 / Double(count)).squareRoot() }

  /// The Gaussian's density.
  public func density(at value: Double) -> Double {
    let distance = (value - mean) / deviation
    return exp(-distance * distance / 2) / (deviation * (2 * Double.pi).squareRoot())
  }
}
