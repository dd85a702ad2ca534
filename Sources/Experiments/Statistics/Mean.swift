/// The mean of some numbers, and how far it may be off.
public struct Mean: Sendable, Equatable {
  public var value: Double
  /// Zero for a single number.
  public var standardError: Double
  public var trials: Int

  /// There is at least one number.
  public init(_ numbers: [Double]) {
    precondition(!numbers.isEmpty, "a mean of something")
    trials = numbers.count
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    value = mean
    standardError =
      numbers.count < 2
      ? 0 : (squares / Double(numbers.count - 1) / Double(numbers.count)).squareRoot()
  }
}
