import Documents
import Foundation
import LinearAlgebra

/// Counted events, such as photons: `y = N / peak` of a Poisson number `N` of the mean `peak p`. The
/// residual is the signed root of the deviance in units of `s = 1 / sqrt(peak)`, near `y` about
/// `(p - y) / sqrt(y)`:
///
///     r^2 / 2 = p - y - y log(p / y)
///
/// Below a rate of a tenth of a count it goes on in a straight line, so that it is finite and has a
/// derivative at zero and below, where no intensity is; observed numbers below that rate have
/// `(p - y) / sqrt(rate)` there, which is zero at `y` as well.
///
/// Clipped, a number at the upper end `c` has the probability of at least `peak c` counts.
public struct PoissonNoise: NoiseModel {
  public static let type = "poisson"
  public static let summary = "counted events: the brighter, the noisier"
  public static let parameters: [any ParameterDescription] = [peakParameter, Clipping.parameter]
  private static let peakParameter = PositiveNumber(
    "peak", "counts for a value of 1: what is observed is the count divided by it")

  public let peak: Double
  public let clipping: Clipping?

  /// - Parameter peak: positive.
  public init(peak: Double, clipping: Clipping? = nil) {
    precondition(peak > 0 && peak.isFinite, "a positive number of counts")
    self.peak = peak
    self.clipping = clipping
  }

  public static func build(_ document: ObjectReader) throws(DocumentError) -> PoissonNoise {
    PoissonNoise(
      peak: try peakParameter.required(document), clipping: try Clipping.read(document))
  }

  public var document: JSONValue {
    var document: JSONObject = ["type": .string(Self.type), "peak": .number(peak)]
    document["clipped"] = clipping?.document
    return .object(document)
  }

  public func resolved(outputRange: ClosedRange<Float>?) -> PoissonNoise {
    PoissonNoise(peak: peak, clipping: clipping?.resolved(outputRange))
  }

  public var unit: Double? { 1 / peak.squareRoot() }

  public func residual(for observation: [Float]) -> any DifferentiableMap {
    ElementwiseResidual(CountDeviance(peak: peak), observation, clipping)
  }

  /// The deviance of darkness, about four for each count.
  public func scale(of observation: [Float]) -> Double {
    observation.reduce(0) { $0 + 2 * max(Double($1), 0) }
  }

  public func moments(at prediction: [Float]) -> ResidualMoments? {
    let ends = countedEnds
    return .sum(over: prediction) { value in
      let rate = max(peak * value, 0)
      let moments = CountMoments.at(rate, ends) ?? CountMoments.at(rate)
      return (moments.second / peak, moments.fourth / (peak * peak))
    }
  }

  public func standardDeviation(at prediction: [Float]) -> Double? {
    let mean = prediction.reduce(0) { $0 + max(Double($1), 0) } / Double(max(prediction.count, 1))
    return (mean / peak).squareRoot()
  }

  public func information(at prediction: [Float], observation: [Float]) -> [Double]? {
    let ends = countedEnds
    return prediction.map { value in
      let rate = max(peak * Double(value), CountDeviance.rateMin)
      return peak * peak * (CountMoments.at(rate, ends)?.information ?? 1 / rate)
    }
  }

  /// Clipped or not, counts are not negative.
  public func check(_ observation: [Float], pointer: String) throws(DocumentError) {
    if let bad = observation.firstIndex(where: { $0 < 0 }) {
      throw .unprocessable(
        pointer,
        "number \(bad) of what is observed is \(observation[bad]); expected none below 0, as "
          + "poisson noise gives, or noise \"gaussian\"")
    }
    try clipping?.check(observation, pointer: pointer)
  }

  /// The largest count seen at the lower end and the smallest at the upper one.
  private var countedEnds: (lower: Double, upper: Double)? {
    guard case .to(let lower, let upper)? = clipping else { return nil }
    return (CountDeviance.count(atMost: peak * lower), CountDeviance.count(atLeast: peak * upper))
  }
}

/// The signed root of the deviance of counts.
struct CountDeviance: ResidualFunction {
  let peak: Double

  /// The rate below which the residual goes on in a straight line.
  static let rateMin = 0.1

  @inline(__always)
  func residual(of prediction: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    let (value, slope) = Self.root(peak * prediction, Self.counted(seen, peak))
    let unit = peak.squareRoot()
    return (value / unit, slope * unit)
  }

  /// What is seen of the count.
  private static func counted(_ seen: Seen, _ peak: Double) -> Seen {
    switch seen {
    case .exactly(let observed): .exactly(max(peak * observed, 0))
    case .atLeast(let end): .atLeast(count(atLeast: peak * end))
    case .atMost(let end): .atMost(count(atMost: peak * end))
    }
  }

  // Ends that are whole numbers of counts but for rounding are that.
  static func count(atLeast end: Double) -> Double { max((end * (1 - 1e-6)).rounded(.up), 0) }
  static func count(atMost end: Double) -> Double { max((end * (1 + 1e-6)).rounded(.down), 0) }

  /// Of a peak of 1.
  static func root(_ rate: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    if case .exactly(let count) = seen, count < rateMin {
      if rate < rateMin {
        let slope = 1 / rateMin.squareRoot()
        return ((rate - count) * slope, slope)
      }
      let missing = rateMin - count
      let root =
        (missing * missing / rateMin + 2 * (rate - rateMin - count * log(rate / rateMin)))
        .squareRoot()
      return (root, (1 - count / rate) / root)
    }
    guard rate < rateMin else { return inside(rate, seen) }
    let (value, slope) = inside(rateMin, seen)
    return (value + slope * (rate - rateMin), slope)
  }

  private static func inside(_ rate: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    switch seen {
    case .exactly(let count):
      let t = (rate - count) / count
      let curved = Self.curved(t).squareRoot()
      return (count.squareRoot() * t * curved, 1 / ((1 + t) * count.squareRoot() * curved))
    case .atLeast(let count):
      guard count >= 1 else { return (0, 0) }
      let logProbability = PoissonDistribution.logProbability(atLeast: count, rate: rate)
      let density = PoissonDistribution.logProbability(of: count - 1, rate: rate)
      return signed(-1, logProbability, density)
    case .atMost(let count):
      guard count >= 1 else { return root(rate, .exactly(0)) }
      let logProbability = PoissonDistribution.logProbability(atMost: count, rate: rate)
      let density = PoissonDistribution.logProbability(of: count, rate: rate)
      return signed(1, logProbability, density)
    }
  }

  /// `sqrt(-2 log P)` with a sign, of a probability whose derivative is given by its logarithm.
  private static func signed(
    _ sign: Double, _ logProbability: Double, _ logDerivative: Double
  ) -> (value: Double, slope: Double) {
    let root = (-2 * logProbability).squareRoot()
    return root == 0 ? (0, 0) : (sign * root, exp(logDerivative - logProbability) / root)
  }

  /// `2 (t - log(1 + t)) / t^2`, 1 at zero.
  private static func curved(_ t: Double) -> Double {
    if abs(t) > 1e-3 { return 2 * (t - log1p(t)) / (t * t) }
    return 1 + t * (-2.0 / 3 + t * (0.5 + t * (-0.4 + t / 3)))
  }
}

/// What the residuals of counts are on average, for a peak of 1.
struct CountMoments {
  /// `E r^2`
  var second: Double
  /// `E r^4`
  var fourth: Double
  /// Fisher's, of the count about its rate.
  var information: Double

  /// Of counts that are not cut off, by interpolation on a grid of eight points an octave.
  static func at(_ rate: Double) -> CountMoments {
    let place = 8 * (log2(max(rate, Double.leastNormalMagnitude)) - gridStart)
    let last = grid.count - 1
    if place <= 0 { return grid[0].scaled(by: rate / exp2(gridStart)) }
    if place >= Double(last) {
      // The distances to those of normal errors fall with the rate.
      let share = exp2(gridStart + Double(last) / 8) / rate
      return CountMoments(
        second: 1 + share * (grid[last].second - 1), fourth: 3 + share * (grid[last].fourth - 3),
        information: 1 / rate)
    }
    let (low, share) = (Int(place), place - place.rounded(.down))
    func between(_ moment: KeyPath<CountMoments, Double>) -> Double {
      grid[low][keyPath: moment] * (1 - share) + grid[low + 1][keyPath: moment] * share
    }
    return CountMoments(
      second: between(\.second), fourth: between(\.fourth), information: 1 / rate)
  }

  /// Of counts that are cut off; `nil` where the ends are too far away to matter.
  static func at(_ rate: Double, _ ends: (lower: Double, upper: Double)?) -> CountMoments? {
    guard let ends else { return nil }
    let reach = 8 * rate.squareRoot() + 8
    if ends.lower < 1, rate + reach < ends.upper { return nil }
    return CountMoments(rate: max(rate, 1e-6), ends)
  }

  private init(second: Double, fourth: Double, information: Double) {
    self.second = second
    self.fourth = fourth
    self.information = information
  }

  /// By summation over all counts that are likely at all.
  private init(rate: Double, _ ends: (lower: Double, upper: Double)) {
    (second, fourth, information) = (0, 0, 0)
    let reach = 10 * rate.squareRoot() + 20
    // Darkness is no more cut off than any count.
    let lower = ends.lower < 1 ? -1 : ends.lower
    let first = max(lower + 1, (rate - reach).rounded(.down), 0)
    let last = min(ends.upper - 1, (rate + reach).rounded(.up))
    for count in stride(from: first, through: last, by: 1) {
      add(
        rate, .exactly(count), PoissonDistribution.logProbability(of: count, rate: rate),
        score: count / rate - 1)
    }
    if lower >= 0 {
      let probability = PoissonDistribution.logProbability(atMost: lower, rate: rate)
      let density = PoissonDistribution.logProbability(of: lower, rate: rate)
      add(rate, .atMost(lower), probability, score: -exp(density - probability))
    }
    if ends.upper >= 1, ends.upper.isFinite {
      let probability = PoissonDistribution.logProbability(atLeast: ends.upper, rate: rate)
      let density = PoissonDistribution.logProbability(of: ends.upper - 1, rate: rate)
      add(rate, .atLeast(ends.upper), probability, score: exp(density - probability))
    }
  }

  private mutating func add(
    _ rate: Double, _ seen: Seen, _ logProbability: Double, score: Double
  ) {
    let probability = exp(logProbability)
    guard probability > 0 else { return }
    let residual = CountDeviance.root(rate, seen).value
    second += probability * residual * residual
    fourth += probability * residual * residual * residual * residual
    information += probability * score * score
  }

  private func scaled(by share: Double) -> CountMoments {
    CountMoments(
      second: second * share, fourth: fourth * share, information: information / share)
  }

  private static let gridStart = -12.0
  private static let grid = (0...152).map { place in
    CountMoments(rate: exp2(gridStart + Double(place) / 8), (lower: 0, upper: .infinity))
  }
}
