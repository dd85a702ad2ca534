/// Finds a step along a descent direction that satisfies the strong Wolfe conditions (Nocedal and
/// Wright 2006, algorithms 3.5 and 3.6), one evaluation at a time: the caller evaluates at ``step``
/// and tells what it saw, so that many searches can share one batch.
///
///     f(a) <= f(0) + decrease a f'(0)      |f'(a)| <= curvature |f'(0)|
package struct StrongWolfeSearch: Sendable {
  package enum Answer: Equatable, Sendable {
    /// The step that was evaluated is to be taken.
    case take
    /// ``step`` is to be evaluated next.
    case evaluate
    /// No step was found that lowers the value.
    case fail
  }

  fileprivate struct Point {
    var step: Double
    var value: Double
    var slope: Double
  }

  static let decrease = 1e-4
  static let curvature = 0.9
  private static let evaluationsMax = 24
  private static let growth = 2.5

  /// Where the value and the slope are wanted.
  package private(set) var step: Double
  private let origin: Point
  private var low: Point
  /// The other end of the interval, once a step is known to lie within.
  private var high: Point?
  private var evaluations = 0
  /// The next evaluation is of a step known to be good enough.
  private var isSettled = false

  /// - Parameter slope: `f'(0)`, negative.
  package init(value: Double, slope: Double, firstStep: Double) {
    origin = Point(step: 0, value: value, slope: slope)
    low = origin
    step = firstStep
  }

  package mutating func take(value: Double, slope: Double) -> Answer {
    evaluations += 1
    if isSettled { return .take }
    let isFinite = value.isFinite && slope.isFinite
    let found = Point(step: step, value: isFinite ? value : .infinity, slope: isFinite ? slope : 0)
    let isTooHigh =
      found.value > origin.value + Self.decrease * step * origin.slope
      || (low.step > 0 || high != nil) && found.value >= low.value
    if isTooHigh {
      high = found
    } else if abs(found.slope) <= -Self.curvature * origin.slope {
      return .take
    } else if let end = high {
      if found.slope * (end.step - low.step) >= 0 { high = low }
      low = found
    } else if found.slope >= 0 {
      high = low
      low = found
    } else {
      low = found
    }
    return proceed()
  }

  private mutating func proceed() -> Answer {
    guard let high else {
      guard evaluations < Self.evaluationsMax else { return settle() }
      step *= Self.growth
      return .evaluate
    }
    let width = high.step - low.step
    let isNarrow = abs(width) <= 1e-10 * max(abs(low.step), abs(high.step))
    guard evaluations < Self.evaluationsMax, !isNarrow else { return settle() }
    step = low.step + Self.minimum(low, high) * width
    return .evaluate
  }

  /// Falls back on the best step that lowered the value enough, if there is one.
  private mutating func settle() -> Answer {
    guard low.step > 0 else { return .fail }
    step = low.step
    isSettled = true
    return .evaluate
  }

  /// Where between the ends, from 0.1 to 0.9, the cubic through both has its minimum.
  private static func minimum(_ low: Point, _ high: Point) -> Double {
    let width = high.step - low.step
    guard high.value.isFinite else { return 0.1 }
    let first = low.slope + high.slope - 3 * (low.value - high.value) / (low.step - high.step)
    let square = first * first - low.slope * high.slope
    guard square >= 0 else { return 0.5 }
    let second = (width > 0 ? 1 : -1) * square.squareRoot()
    let share = 1 - (high.slope + second - first) / (high.slope - low.slope + 2 * second)
    return share.isFinite ? min(max(share, 0.1), 0.9) : 0.5
  }
}

extension StrongWolfeSearch: Checkpointable {
  package init(from reader: inout CheckpointReader) throws(CheckpointError) {
    step = try reader.read()
    origin = try reader.read()
    low = try reader.read()
    high = try reader.read()
    evaluations = try reader.read()
    isSettled = try reader.read()
  }

  package func write(to writer: inout CheckpointWriter) {
    writer.write(step)
    writer.write(origin)
    writer.write(low)
    writer.write(high)
    writer.write(evaluations)
    writer.write(isSettled)
  }
}

extension StrongWolfeSearch.Point: Checkpointable {
  init(from reader: inout CheckpointReader) throws(CheckpointError) {
    step = try reader.read()
    value = try reader.read()
    slope = try reader.read()
  }

  func write(to writer: inout CheckpointWriter) {
    writer.write(step)
    writer.write(value)
    writer.write(slope)
  }
}
