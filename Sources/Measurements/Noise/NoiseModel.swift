import Documents
import LinearAlgebra

/// What was added to the measured numbers, entry by entry and independently, as what solvers make
/// small. A model is an elementwise residual `r(p; y)` of a predicted number `p` and the observed
/// one `y`, the signed root of the deviance: `r^2 / 2` is `s^2` times the negative logarithm of the
/// likelihood, up to what does not depend on `p`, and zero where `p` explains `y` best. `s` is the
/// model's ``unit``. Least squares of the residual is then maximum likelihood, for every solver.
///
/// Adding a model is one file with a type that conforms, and a line in ``NoiseCatalogue``.
public protocol NoiseModel: Sendable {
  /// The value of `"type"`.
  static var type: String { get }
  static var summary: String { get }
  static var parameters: [any ParameterDescription] { get }

  /// - Parameter document: the model's own document, of which `"type"` was read.
  /// - Throws: `DocumentError` naming the field that cannot be accepted.
  static func build(_ document: ObjectReader) throws(DocumentError) -> Self

  /// All that is needed to make the model again.
  var document: JSONValue { get }

  /// Whether there is nothing beyond rounding, so that a fit to rounding is all there is to gain.
  var isNoiseless: Bool { get }

  /// `s`, in the units of the residual: likelihoods differ by the factor `e` where losses differ by
  /// `s^2`. `nil` when the size of the noise is not known.
  var unit: Double? { get }

  /// Whether the observed numbers were cut off at two ends; `nil` when they were not.
  var clipping: Clipping? { get }

  /// The same model with its ends in numbers.
  ///
  /// - Parameter outputRange: of the generator, where it declares one.
  func resolved(outputRange: ClosedRange<Float>?) -> Self

  /// `r(p; y)` as a map of the predictions, smooth but where it says otherwise, finite and of
  /// finite derivative for every finite prediction.
  func residual(for observation: [Float]) -> any DifferentiableMap

  /// Easier residuals to come near with, one after the other, where solvers that start at
  /// ``residual(for:)`` would be lost.
  func approaches(for observation: [Float]) -> [any DifferentiableMap]

  /// Whether the residual's slope says little of the curvature of its square, so that Gauss-Newton
  /// steps end short of the best fit.
  var isFarFromSquares: Bool { get }

  /// About half the squared residual of a prediction that explains nothing: what rounding is
  /// judged against.
  func scale(of observation: [Float]) -> Double

  /// What `r^2` is at the truth, summed over the entries; `nil` when the size of the noise is not
  /// known, or when the model judges fits in its own way.
  ///
  /// - Parameter prediction: the truth, as well as it is known.
  func moments(at prediction: [Float]) -> ResidualMoments?

  /// Whether what is left is what this noise leaves; `nil` when the size of the noise is not known.
  func explains(_ fit: NoiseFit) -> Bool?

  /// Whether ``explains(_:)`` judges by the worst that the document allows, so that an explained fit
  /// may be far from the best.
  var isJudgedByTheWorst: Bool { get }

  /// Whether all predictions that are explained are as likely as one another.
  var isLikelihoodFlat: Bool { get }

  /// Root mean square of the errors at that prediction; `nil` when it is not known.
  func standardDeviation(at prediction: [Float]) -> Double?

  /// What each observed number says of its prediction: the inverse of the variance of an estimate
  /// made of many such numbers. `nil` when the size of the noise is not known.
  func information(at prediction: [Float], observation: [Float]) -> [Double]?

  /// - Parameter pointer: where the observation stands in the request.
  /// - Throws: `DocumentError`, unprocessable, when this noise cannot have led to that observation.
  func check(_ observation: [Float], pointer: String) throws(DocumentError)
}

/// A fit that is to be judged.
public struct NoiseFit: Sendable {
  public var prediction: [Float]
  public var observation: [Float]
  /// `|r|^2` over all entries.
  public var squaredResidual: Double
  /// Entries of the latent that were free to follow the noise.
  public var latentCount: Int

  public init(
    prediction: [Float], observation: [Float], squaredResidual: Double, latentCount: Int
  ) {
    self.prediction = prediction
    self.observation = observation
    self.squaredResidual = squaredResidual
    self.latentCount = latentCount
  }
}

extension NoiseModel {
  public var isNoiseless: Bool { false }
  public var isLikelihoodFlat: Bool { false }
  /// Whether it can be said of a fit that it agrees with the noise.
  public var isKnown: Bool { isNoiseless || unit != nil }
  public var clipping: Clipping? { nil }
  public func resolved(outputRange: ClosedRange<Float>?) -> Self { self }
  public var isFarFromSquares: Bool { false }
  public var isJudgedByTheWorst: Bool { false }
  public func approaches(for observation: [Float]) -> [any DifferentiableMap] { [] }
  public func scale(of observation: [Float]) -> Double { sumOfSquares(observation) / 2 }

  public func explains(_ fit: NoiseFit) -> Bool? {
    squaredResidualMax(at: fit.prediction, latentCount: fit.latentCount)
      .map { fit.squaredResidual <= $0 }
  }

  /// What `|r|^2` may be at the best fit: 2.5 standard deviations above its mean. A fit of `k`
  /// latent entries takes `s^2` times a chi-squared number of `k` degrees of freedom away from what
  /// the truth leaves; sums of squares are judged by their root, which is nearer to normal.
  ///
  /// - Parameter latentCount: `k`
  public func squaredResidualMax(at prediction: [Float], latentCount: Int) -> Double? {
    guard let unit, let moments = moments(at: prediction) else { return nil }
    let count = Double(prediction.count)
    let taken = Double(min(latentCount, max(prediction.count - 1, 0))) * unit * unit
    let mean = max(moments.mean - taken, moments.mean / count)
    let variance = max(moments.variance - 2 * taken * unit * unit, moments.variance / count)
    guard mean > 0 else { return 0 }
    let root = mean.squareRoot() + 1.25 * (variance / mean).squareRoot()
    return root * root
  }

  /// Whether this noise can have been added to that measurement of a generator's output.
  ///
  /// - Parameters:
  ///   - outputRange: of the generator, where it declares one.
  ///   - pointer: where the noise stands in the request, for messages.
  ///   - observationPointer: where the observation does.
  /// - Throws: `DocumentError`, unprocessable.
  public func check(
    _ measurement: any Measurement, of observation: [Float], outputRange: ClosedRange<Float>?,
    pointer: String = "/noise", observation observationPointer: String = "/observation"
  ) throws(DocumentError) {
    guard measurement.isDifferentiable || isNoiseless || self is GaussianNoise && clipping == nil
    else {
      throw .unprocessable(
        "\(pointer)/type",
        "cannot be \"\(Self.type)\"\(clipping == nil ? "" : ", clipped,") with measurement "
          + "\"\(measurement.document.object?["type"]?.string ?? "")\", of which only signs are "
          + "seen; expected none, or gaussian noise before the signs are taken")
    }
    if clipping == .toOutputRange {
      guard measurement.keepsRange else {
        throw .unprocessable(
          "\(pointer)/clipped",
          "is true, but what is measured does not lie in the generator's output range; give the "
            + "two ends")
      }
      guard outputRange != nil else {
        throw .unprocessable(
          "\(pointer)/clipped",
          "is true, but the generator declares no output range; give the two ends")
      }
    }
    try resolved(outputRange: outputRange).check(observation, pointer: observationPointer)
  }

  /// Nothing but cut-off numbers beyond their ends.
  public func check(_ observation: [Float], pointer: String) throws(DocumentError) {
    try clipping?.check(observation, pointer: pointer)
  }
}

/// Mean and variance of a sum of squared residuals.
public struct ResidualMoments: Sendable, Equatable {
  public var mean: Double
  public var variance: Double

  public init(mean: Double, variance: Double) {
    self.mean = mean
    self.variance = variance
  }

  /// Of `count` entries that have the same.
  static func alike(_ count: Int, mean: Double, variance: Double) -> Self {
    Self(mean: Double(count) * mean, variance: Double(count) * variance)
  }

  /// - Parameter entry: `E r^2` and `E r^4` at one prediction.
  static func sum(
    over prediction: [Float], _ entry: (Double) -> (second: Double, fourth: Double)
  ) -> Self {
    prediction.reduce(into: Self(mean: 0, variance: 0)) { sum, value in
      let (second, fourth) = entry(Double(value))
      sum.mean += second
      sum.variance += max(fourth - second * second, 0)
    }
  }
}
