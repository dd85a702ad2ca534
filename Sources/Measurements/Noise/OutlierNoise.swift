import Documents
import Foundation
import LinearAlgebra

/// Normal errors of one standard deviation, but for some numbers that are plain wrong: dead pixels,
/// specks, lost packets. Solvers come near with Huber's loss (1964), linear from 1.345 sigma on, so
/// that every number still pulls; they end at Tukey's biweight, with `u = (p - y) / sigma` and
/// `q = 1 - (u / 4.685)^2`
///
///     r = sigma u sqrt((1 + q + q^2) / 3)   for |u| <= 4.685,      sigma 4.685 / sqrt(3) beyond
///
/// where a number that is further away than 4.685 sigma has no pull left. Both thresholds keep 95 %
/// of the accuracy of least squares where nothing is wrong.
public struct OutlierNoise: NoiseModel {
  public static let type = "outliers"
  public static let summary = "normal errors, but for some numbers that are plain wrong"
  public static let parameters: [any ParameterDescription] = [sigmaParameter, rateParameter]
  private static let sigmaParameter = PositiveNumber(
    "sigma", "standard deviation of the numbers that are right, in the units of what is observed")
  private static let rateParameter = Parameter<Double>(
    "rate", default: 0.1, in: 0.001...0.5,
    "share of the numbers that may be wrong in a fit that counts as explained")

  public let sigma: Double
  public let rate: Double

  /// - Parameters:
  ///   - sigma: of the numbers that are right; positive.
  ///   - rate: of those that may be wrong, from 0 to a half.
  public init(sigma: Double, rate: Double = 0.1) {
    precondition(sigma > 0 && sigma.isFinite, "a positive standard deviation")
    precondition((0...0.5).contains(rate), "most numbers are right")
    self.sigma = sigma
    self.rate = rate
  }

  public static func build(_ document: ObjectReader) throws(DocumentError) -> OutlierNoise {
    OutlierNoise(
      sigma: try sigmaParameter.required(document), rate: try document.value(rateParameter))
  }

  public var document: JSONValue {
    ["type": .string(Self.type), "sigma": .number(sigma), "rate": .number(rate)]
  }

  public var unit: Double? { sigma }
  public var isJudgedByTheWorst: Bool { true }

  public func residual(for observation: [Float]) -> any DifferentiableMap {
    ElementwiseResidual(Biweight(sigma: told(observation)), observation)
  }

  /// Huber's loss, at first so wide that it is least squares, then narrower by and by: what is right
  /// is within its quadratic part each time.
  public func approaches(for observation: [Float]) -> [any DifferentiableMap] {
    let sigma = told(observation)
    let size = typicalSize(of: observation)
    var widths = [sigma]
    while let last = widths.last, last * Self.narrowing < size, widths.count < Self.widthsMax {
      widths.append(last * Self.narrowing)
    }
    return widths.reversed().map { ElementwiseResidual(Huber(sigma: $0), observation) }
  }

  private static let narrowing = 8.0
  private static let widthsMax = 8

  /// The deviation, but no less than rounding, which would make outliers of all numbers.
  private func told(_ observation: [Float]) -> Double {
    max(sigma, 1e-6 * typicalSize(of: observation))
  }

  private func typicalSize(of observation: [Float]) -> Double {
    let size = (2 * scale(of: observation) / Double(max(observation.count, 1))).squareRoot()
    return size.isFinite ? size : 0
  }

  /// Of what is left when the largest numbers, as many as may be wrong, are taken away.
  public func scale(of observation: [Float]) -> Double {
    let kept = Int((Double(observation.count) * (1 - rate)).rounded(.up))
    let sizes = observation.map(abs).sorted().prefix(kept)
    return sumOfSquares(sizes) / 2
  }

  /// With as many numbers wrong as may be, and far away.
  public func moments(at prediction: [Float]) -> ResidualMoments? {
    let square = sigma * sigma
    let ceiling = Biweight.end * Biweight.end / 3
    let second = (1 - rate) * Biweight.normalMoments.second + rate * ceiling
    let fourth = (1 - rate) * Biweight.normalMoments.fourth + rate * ceiling * ceiling
    return .alike(
      prediction.count, mean: square * second,
      variance: square * square * (fourth - second * second))
  }

  /// Of the numbers that are right.
  public func standardDeviation(at prediction: [Float]) -> Double? { sigma }

  /// Nothing, of the numbers that are too far away to be right.
  public func information(at prediction: [Float], observation: [Float]) -> [Double]? {
    zip(prediction, observation).map { predicted, observed in
      abs(Double(predicted) - Double(observed)) <= Biweight.end * sigma
        ? 0.95 / (sigma * sigma) : 0
    }
  }
}

private struct Biweight: ResidualFunction {
  let sigma: Double
  static let end = 4.685

  @inline(__always)
  func residual(of prediction: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    guard case .exactly(let observed) = seen else { return (0, 0) }
    let (value, slope) = Self.residual((prediction - observed) / sigma)
    return (sigma * value, slope)
  }

  private static func residual(_ u: Double) -> (value: Double, slope: Double) {
    guard abs(u) < end else {
      // What is not a number stays none.
      let ceiling = end / 3.0.squareRoot()
      return (u.isNaN ? u : u < 0 ? -ceiling : ceiling, 0)
    }
    let q = 1 - (u / end) * (u / end)
    let root = ((1 + q + q * q) / 3).squareRoot()
    return (u * root, q * q / root)
  }

  /// `E r^2` and `E r^4` of standard normal errors, by Simpson's rule.
  static let normalMoments: (second: Double, fourth: Double) = {
    let intervals = 2000
    let width = 16.0 / Double(intervals)
    return (0...intervals).reduce(into: (second: 0.0, fourth: 0.0)) { sum, place in
      let u = -8 + width * Double(place)
      let weight = (place == 0 || place == intervals ? 1.0 : place % 2 == 0 ? 2 : 4) * width / 3
      let square = residual(u).value * residual(u).value
      sum.second += weight * NormalDistribution.density(u) * square
      sum.fourth += weight * NormalDistribution.density(u) * square * square
    }
  }()
}

private struct Huber: ResidualFunction {
  let sigma: Double
  private static let corner = 1.345

  @inline(__always)
  func residual(of prediction: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    guard case .exactly(let observed) = seen else { return (0, 0) }
    let u = (prediction - observed) / sigma
    let size = abs(u)
    if size <= Self.corner { return (prediction - observed, 1) }
    let root = (2 * Self.corner * size - Self.corner * Self.corner).squareRoot()
    return (u < 0 ? -sigma * root : sigma * root, Self.corner / root)
  }
}
