import Documents
import Foundation
import LinearAlgebra

/// Independent normal errors of one standard deviation, `y = p + sigma e`. The residual is `p - y`.
///
/// Clipped, a number at the upper end `c` has the likelihood `Phi(u)` with `u = (p - c) / sigma`
/// (Tobin 1958), and the residual `-sigma sqrt(-2 log Phi(u))`: far below the end it is `p - c`,
/// beyond the end it fades out.
public struct GaussianNoise: NoiseModel {
  public static let type = "gaussian"
  public static let summary = "independent normal errors of one standard deviation"
  public static let parameters: [any ParameterDescription] = [sigmaParameter, Clipping.parameter]
  private static let sigmaParameter = PositiveNumber(
    "sigma", isRequired: false,
    "standard deviation in the units of what is observed; left out: estimated")

  /// `nil` when it is not known.
  public let sigma: Double?
  public let clipping: Clipping?

  /// - Parameters:
  ///   - sigma: positive; `nil` when it is not known.
  ///   - clipping: only of noise of known size, against which what lies beyond the ends is judged.
  public init(sigma: Double?, clipping: Clipping? = nil) {
    precondition(sigma.map { $0 > 0 && $0.isFinite } ?? true, "a positive standard deviation")
    precondition(clipping == nil || sigma != nil, "clipped noise is of known size")
    self.sigma = sigma
    self.clipping = clipping
  }

  public static func build(_ document: ObjectReader) throws(DocumentError) -> GaussianNoise {
    let sigma = try sigmaParameter.read(document)
    let clipping = try Clipping.read(document)
    guard clipping == nil || sigma != nil else {
      throw document.malformed(
        sigmaParameter.name, "is missing; clipped noise needs it, to judge what lies beyond")
    }
    return GaussianNoise(sigma: sigma, clipping: clipping)
  }

  public var document: JSONValue {
    var document: JSONObject = [
      "type": .string(Self.type), "sigma": sigma.map(JSONValue.number) ?? .null,
    ]
    document["clipped"] = clipping?.document
    return .object(document)
  }

  public func resolved(outputRange: ClosedRange<Float>?) -> GaussianNoise {
    GaussianNoise(sigma: sigma, clipping: clipping?.resolved(outputRange))
  }

  public var unit: Double? { sigma }

  public func residual(for observation: [Float]) -> any DifferentiableMap {
    guard let sigma, let clipping else { return Translation(origin: observation) }
    return ElementwiseResidual(CensoredNormal(sigma: sigma), observation, clipping)
  }

  public func moments(at prediction: [Float]) -> ResidualMoments? {
    guard let sigma else { return nil }
    let square = sigma * sigma
    guard case .to(let lower, let upper)? = clipping else {
      return .alike(prediction.count, mean: square, variance: 2 * square * square)
    }
    return .sum(over: prediction) { value in
      let ends = CutNormal((lower - value) / sigma, (upper - value) / sigma)
      return (square * ends.second, square * square * ends.fourth)
    }
  }

  public func standardDeviation(at prediction: [Float]) -> Double? { sigma }

  public func information(at prediction: [Float], observation: [Float]) -> [Double]? {
    guard let sigma else { return nil }
    guard case .to(let lower, let upper)? = clipping else {
      return [Double](repeating: 1 / (sigma * sigma), count: prediction.count)
    }
    return prediction.map { value in
      CutNormal((lower - Double(value)) / sigma, (upper - Double(value)) / sigma).information
        / (sigma * sigma)
    }
  }
}

/// `p - y`, and the censored likelihood at the ends.
private struct CensoredNormal: ResidualFunction {
  let sigma: Double

  @inline(__always)
  func residual(of prediction: Double, _ seen: Seen) -> (value: Double, slope: Double) {
    switch seen {
    case .exactly(let observed): return (prediction - observed, 1)
    case .atLeast(let end):
      let (root, slope) = Self.root((prediction - end) / sigma)
      return (-sigma * root, slope)
    case .atMost(let end):
      let (root, slope) = Self.root((end - prediction) / sigma)
      return (sigma * root, slope)
    }
  }

  /// `sqrt(-2 log Phi(u))`, and its derivative with the other sign; both are zero where `Phi` is 1
  /// to double precision.
  private static func root(_ u: Double) -> (value: Double, slope: Double) {
    let deviance = -2 * NormalDistribution.logProbability(below: u)
    guard deviance != 0 else { return (0, 0) }
    let root = deviance.squareRoot()
    return (root, NormalDistribution.hazard(u) / root)
  }
}

/// A standard normal number that is cut off at two ends: what its residuals are on average.
private struct CutNormal {
  /// `E r^2`
  var second: Double
  /// `E r^4`
  var fourth: Double
  /// Fisher's, of the number about its mean.
  var information: Double

  init(_ lower: Double, _ upper: Double) {
    let below = End(lower)
    let above = End(-upper)
    let (a, b) = (below.density, above.density)
    let inside = 1 - below.probability - above.probability
    // Integrals of u^2 phi and u^4 phi between the ends.
    let products = (lower * a, upper * b)
    second = inside + products.0 - products.1
    fourth =
      3 * second + lower * lower * products.0 - upper * upper * products.1
    information = second + a * below.hazard + b * above.hazard
    for end in [below, above] {
      second += end.probability * end.deviance
      fourth += end.probability * end.deviance * end.deviance
    }
  }

  /// All that lies beyond an end, seen as the lower one.
  private struct End {
    var probability: Double
    var density: Double
    var hazard: Double
    var deviance: Double

    init(_ u: Double) {
      probability = NormalDistribution.probability(below: u)
      density = NormalDistribution.density(u)
      hazard = NormalDistribution.hazard(u)
      deviance = -2 * NormalDistribution.logProbability(below: u)
    }
  }
}
