import Foundation

/// How numbers are laid along an axis, and where the axis has its ticks.
public enum AxisScale: Sendable, Equatable {
  /// The lower bound is less than the upper one.
  case linear(ClosedRange<Double>)
  /// Both bounds are positive.
  case logarithmic(ClosedRange<Double>)

  public struct Tick: Sendable, Equatable {
    public var value: Double
    public var label: String
  }

  package var range: ClosedRange<Double> {
    switch self {
    case .linear(let range), .logarithmic(let range): range
    }
  }

  /// 0 at the lower bound and 1 at the upper one; beyond them, the nearer of the two.
  public func position(_ value: Double) -> Double {
    let share =
      switch self {
      case .linear(let range):
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
      case .logarithmic(let range):
        value > 0
          ? log(value / range.lowerBound) / log(range.upperBound / range.lowerBound) : 0
      }
    return min(max(share, 0), 1)
  }

  /// A linear scale that holds all of the numbers, with round ends.
  package static func linear(holding numbers: [Double], tickCount: Int = 5) -> AxisScale {
    let (low, high) = extremes(numbers)
    let reach = high > low ? high - low : max(abs(high), 1)
    let step = roundStep(reach / Double(tickCount))
    let bottom = (low / step).rounded(.down) * step
    let top = (high / step).rounded(.up) * step
    return .linear(bottom...max(top, bottom + step))
  }

  /// A logarithmic scale that holds the positive ones of the numbers, with a little room.
  package static func logarithmic(holding numbers: [Double]) -> AxisScale {
    let (low, high) = extremes(numbers.filter { $0 > 0 })
    guard low > 0 else { return .logarithmic(0.1...1) }
    let room = max(pow(high / low, 0.06), 1.05)
    return .logarithmic(low / room...high * room)
  }

  private static func extremes(_ numbers: [Double]) -> (Double, Double) {
    let finite = numbers.filter(\.isFinite)
    return (finite.min() ?? 0, finite.max() ?? 0)
  }

  /// 1, 2 or 5 times a power of ten, the nearest that is not much less than `step`.
  private static func roundStep(_ step: Double) -> Double {
    let power = pow(10, log10(step).rounded(.down))
    let factor = [1.0, 2, 5, 10].first { $0 * power >= step * 0.75 } ?? 10
    return factor * power
  }

  /// Round numbers within the range, about `count` of them: multiples of a round step; along a
  /// logarithmic axis powers of ten, or, within less than two decades, 1, 2 and 5 times such powers
  /// where there are three of those.
  public func ticks(_ count: Int = 5) -> [Tick] {
    switch self {
    case .linear(let range):
      let step = Self.roundStep((range.upperBound - range.lowerBound) / Double(max(count, 1)))
      let decimals = max(0, Int(-log10(step * 1.001).rounded(.down)))
      let tolerance = step * 1e-6
      let first = Int(((range.lowerBound - tolerance) / step).rounded(.up))
      let last = Int(((range.upperBound + tolerance) / step).rounded(.down))
      // A step that was rounded up may leave too little.
      if last - first < 1 { return ticks(count + 1) }
      return (first...last).map { place in
        let value = Double(place) * step
        let label =
          abs(value) >= 1e5 || (step < 1e-3) ? Self.label(value) : value.fixed(decimals)
        return Tick(value: value, label: Self.signed(label))
      }
    case .logarithmic(let range):
      let low = Int(log10(range.lowerBound * (1 - 1e-9)).rounded(.up))
      let high = Int(log10(range.upperBound * (1 + 1e-9)).rounded(.down))
      let decades = log10(range.upperBound / range.lowerBound)
      if decades >= 2 {
        let stride = max(1, Int((decades / Double(max(count, 1))).rounded(.up)))
        return Swift.stride(from: low, through: high, by: stride).map {
          Self.tick(pow(10, Double($0)))
        }
      }
      let within = range.lowerBound * (1 - 1e-9)...range.upperBound * (1 + 1e-9)
      var values: [Double] = []
      for power in low - 1...high + 1 {
        for factor in [1.0, 2, 5] { values.append(factor * pow(10, Double(power))) }
      }
      values = values.filter(within.contains)
      return values.count >= 3 ? values.map(Self.tick) : AxisScale.linear(range).ticks(count)
    }
  }

  private static func tick(_ value: Double) -> Tick {
    Tick(value: value, label: signed(label(value)))
  }

  /// Plain where that is short, with an exponent otherwise.
  private static func label(_ value: Double) -> String {
    let size = abs(value)
    if size == 0 { return "0" }
    if size >= 0.000_99, size < 1e5 { return value.short(4) }
    let power = Int(log10(size * (1 + 1e-9)).rounded(.down))
    let factor = value / pow(10, Double(power))
    return "\(factor.short(4))e\(power)"
  }

  /// With a minus sign in place of a hyphen.
  private static func signed(_ label: String) -> String { label.replacing("-", with: "\u{2212}") }
}
