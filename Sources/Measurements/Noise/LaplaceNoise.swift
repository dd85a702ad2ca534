import Documents
import Foundation
import LinearAlgebra

/// Independent Laplace errors, of the density `exp(-|e| / scale) / (2 scale)`: small mostly, large
/// now and then. The likelihood is the sum of absolute errors; its kink is rounded off within
/// `delta`, a twentieth of the scale, as Huber does (which costs an estimate 0.8 % of its accuracy):
/// with `u = (p - y) / scale` and `d = delta / scale`,
///
///     r^2 / (2 scale^2) = u^2 / (2 d)   for |u| <= d,      |u| - d / 2   beyond
///
/// Clipped, a number at the upper end `c` has the probability of `y >= c`:
/// `exp(v) / 2` with `v = (p - c) / scale < 0`, and `1 - exp(-v) / 2` for `v >= 0`.
public struct LaplaceNoise: NoiseModel {
  public static let type = "laplace"
  public static let summary = "independent Laplace errors: small mostly, large now and then"
  public static let parameters: [any ParameterDescription] = [scaleParameter, Clipping.parameter]
  private static let scaleParameter = PositiveNumber(
    "scale", "mean absolute error, in the units of what is observed")

  public let scale: Double
  public let clipping: Clipping?

  /// - Parameter scale: positive.
  public init(scale: Double, clipping: Clipping? = nil) {
    precondition(scale > 0 && scale.isFinite, "a positive scale")
    self.scale = scale
    self.clipping = clipping
  }

  public static func build(_ document: ObjectReader) throws(DocumentError) -> LaplaceNoise {
    LaplaceNoise(
      scale: try scaleParameter.required(document), clipping: try Clipping.read(document))
  }

  public var document: JSONValue {
    var document: JSONObject = ["type": .string(Self.type), "scale": .number(scale)]
    document["clipped"] = clipping?.document
    return .object(document)
  }

  public func resolved(outputRange: ClosedRange<Float>?) -> LaplaceNoise {
    LaplaceNoise(scale: scale, clipping: clipping?.resolved(outputRange))
  }

  public var unit: Double? { scale }

  public func residual(for observation: [Float]) -> any DifferentiableMap {
    ElementwiseResidual(RoundedLaplace(scale: scale), observation, clipping)
  }

  public func moments(at prediction: [Float]) -> ResidualMoments? {
    let square = scale * scale
    guard case .to(let lower, let upper)? = clipping else {
      let whole = CutLaplace(-.infinity, .infinity)
      return .alike(
        prediction.count, mean: square * whole.second,
        variance: square * square * (whole.fourth - whole.second * whole.second))
    }
    return .sum(over: prediction) { value in
      let cut = CutLaplace((lower - value) / scale, (upper - value) / scale)
      return (square * cut.second, square * square * cut.fourth)
    }
  }

  public func standardDeviation(at prediction: [Float]) -> Double? { 2.0.squareRoot() * scale }

  public func information(at prediction: [Float], observation: [Float]) -> [Double]? {
    let square = scale * scale
    guard case .to(let lower, let upper)? = clipping else {
      return [Double](repeating: LaplaceResidual.efficiency / square, count: prediction.count)
    }
    return prediction.map { value in
      LaplaceResidual.efficiency / square
        * CutLaplace((lower - Double(value)) / scale, (upper - Double(value)) / scale).information
    }
  }
}

/// The rounded likelihood of errors in units of the scale.
private enum LaplaceResidual {
  /// `delta / scale`
  static let corner = 0.05
  /// Of the rounded likelihood against the likelihood itself: `E[psi']^2 / E[psi^2]`.
  static let efficiency: Double = {
    let within = 1 - exp(-corner)
    let flat = within / corner
    let inner = 2 - exp(-corner) * (corner * corner + 2 * corner + 2)
    return flat * flat / (1 - within + inner / (corner * corner))
  }()
}

private struct RoundedLaplace: ResidualFunction {
  let scale: Double
  private static let corner = LaplaceResidual.corner
  private static let steepest = 1 / LaplaceResidual.corner.squareRoot()

  @inline(__always)
  func residual(of prediction: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    switch seen {
    case .exactly(let observed):
      let u = (prediction - observed) / scale
      let size = abs(u)
      if size <= Self.corner { return (scale * u * Self.steepest, Self.steepest) }
      let root = (2 * size - Self.corner).squareRoot()
      return (u < 0 ? -scale * root : scale * root, 1 / root)
    case .atLeast(let end):
      let (root, slope) = Self.root((prediction - end) / scale)
      return (-scale * root, slope)
    case .atMost(let end):
      let (root, slope) = Self.root((end - prediction) / scale)
      return (scale * root, slope)
    }
  }

  /// `sqrt(-2 log P)` of the probability beyond an end, and its derivative with the other sign.
  private static func root(_ v: Double) -> (value: Double, slope: Double) {
    if v < 0 {
      let root = (2 * (0.693_147_180_559_945_3 - v)).squareRoot()
      return (root, 1 / root)
    }
    let missing = exp(-v) / 2
    let root = (-2 * log1p(-missing)).squareRoot()
    return root == 0 ? (0, 0) : (root, missing / (1 - missing) / root)
  }
}

/// A Laplace number of scale 1 that is cut off at two ends: what its residuals are on average.
private struct CutLaplace {
  /// `E r^2`
  var second: Double
  /// `E r^4`
  var fourth: Double
  /// Fisher's, of the number about its mean.
  var information: Double

  init(_ lower: Double, _ upper: Double) {
    let (above, below) = (Self.integrals(to: upper), Self.integrals(to: lower))
    second = above.second - below.second
    fourth = above.fourth - below.fourth
    information = 1
    for end in [lower, -upper] {
      let tail = exp(-abs(end)) / 2
      let probability = end < 0 ? tail : 1 - tail
      guard probability > 0 else { continue }
      let deviance = -2 * log(probability)
      second += probability * deviance
      fourth += probability * deviance * deviance
      // The squared score is 1 everywhere inside.
      information += tail * tail / probability - probability
    }
  }

  /// Of `r^2` and `r^4` times the density, from zero.
  private static func integrals(to end: Double) -> (second: Double, fourth: Double) {
    let d = LaplaceResidual.corner
    let u = min(abs(end), 700)
    let inner = min(u, d)
    let e = exp(-inner)
    let inner2 = inner * inner
    var second = (2 - e * (inner2 + 2 * inner + 2)) / d
    var fourth =
      (24 - e * (inner2 * inner2 + 4 * inner2 * inner + 12 * inner2 + 24 * inner + 24)) / (d * d)
    if u > d {
      // With w = 2 u - d: the integrals of w exp(-u) and w^2 exp(-u).
      func tails(_ u: Double) -> (Double, Double) {
        let w = 2 * u - d
        return (exp(-u) * (w + 2), exp(-u) * (w * w + 4 * w + 8))
      }
      let (near, far) = (tails(d), tails(u))
      second += near.0 - far.0
      fourth += near.1 - far.1
    }
    return end < 0 ? (-second / 2, -fourth / 2) : (second / 2, fourth / 2)
  }
}
