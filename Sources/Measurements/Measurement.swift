import Documents
import LinearAlgebra

/// What is seen of a signal: `y = A(x)`, before noise. A measurement that is linear is a `LinearMap`
/// too.
public protocol Measurement: DifferentiableMap {
  /// The document that the measurement was made from; it is all that is needed to make it again.
  var document: JSONValue { get }

  /// The entries of the signal that are seen as they are, in the order in which the observation
  /// lists them; `nil` when the measurement mixes entries.
  var observedEntries: [Int]? { get }

  /// How the observed numbers are arranged; the product is `outputCount`.
  var outputShape: [Int] { get }

  /// Whether the derivative says how the observation moves with the signal, almost everywhere.
  /// Where it does not, solvers that follow derivatives need `surrogate(for:)`.
  var isDifferentiable: Bool { get }

  /// Whether what is observed lies in the range that the signal's entries lie in.
  var keepsRange: Bool { get }

  /// `s` when `A A^T = s I`, so that `A^T / s` is the pseudoinverse and `|A|^2 = s`; `nil` when
  /// that does not hold or is not known.
  var squaredRowNorm: Double? { get }

  /// What solvers make small in place of `A(x) - y` where that has no useful derivative; `nil`
  /// where it has.
  ///
  /// - Parameter observation: `outputCount` numbers.
  func surrogate(for observation: [Float]) -> SurrogateResidual?

  /// The observed numbers, from another form in which clients may have them, such as a whole
  /// symmetric matrix; `nil` when `given` is of no such form.
  func observation(from given: [Float]) -> [Float]?
}

extension Measurement {
  public var observedEntries: [Int]? { nil }
  public var outputShape: [Int] { [outputCount] }
  public var isDifferentiable: Bool { true }
  public var keepsRange: Bool { observedEntries != nil }
  public var squaredRowNorm: Double? { nil }
  public var isLinear: Bool { self is any LinearMap }

  public func surrogate(for observation: [Float]) -> SurrogateResidual? { nil }

  public func observation(from given: [Float]) -> [Float]? { nil }
}

/// A residual with a useful derivative that is zero for the signals that explain the observation.
public struct SurrogateResidual: Sendable {
  /// From the signal to one number an observed entry.
  public var residual: Chain
  /// `|r|^2 / 2` of a signal that explains nothing: what losses are compared with.
  public var scale: Double

  public init(residual: Chain, scale: Double) {
    self.residual = residual
    self.scale = scale
  }
}

/// A type of measurement that documents can name. Adding one is a file in `Operators/` and a line
/// in `MeasurementCatalogue`.
public protocol MeasurementKind: Sendable {
  /// The value of `"type"`.
  static var type: String { get }
  static var summary: String { get }
  static var parameters: [any ParameterDescription] { get }

  /// - Parameters:
  ///   - document: the measurement's own document, of which `"type"` was read.
  ///   - value: the same document as it will be stored.
  ///   - signalShape: of what is measured, without the batch: channels, height and width for
  ///     images.
  /// - Throws: `DocumentError` naming the field that cannot be accepted.
  static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement
}

/// Every type of measurement there is, by name.
public enum MeasurementCatalogue {
  public static let kinds: [any MeasurementKind.Type] = [
    IdentityMeasurement.self, MaskMeasurement.self, GaussianMeasurement.self,
    MatrixMeasurement.self, DownsampleMeasurement.self, BlurMeasurement.self,
    CirculantMeasurement.self, FourierMeasurement.self, PhaselessMeasurement.self,
    OneBitMeasurement.self, SpikedWishartMeasurement.self, SpikedWignerMeasurement.self,
    ComposedMeasurement.self,
  ]

  /// - Parameters:
  ///   - signalShape: its product is at least 1.
  ///   - pointer: where the document stands in the request, for messages.
  /// - Throws: `DocumentError`, malformed for what no measurement could be, unprocessable for one
  ///   that does not fit the signal or is beyond `limits`.
  public static func build(
    _ value: JSONValue, signalShape: [Int], limits: MeasurementLimits = MeasurementLimits(),
    pointer: String = "/measurement"
  ) throws(DocumentError) -> any Measurement {
    let document = try ObjectReader(value, pointer: pointer)
    let type = try document.requiredString("type")
    guard let kind = kinds.first(where: { $0.type == type }) else {
      let known = kinds.map { $0.type }.joined(separator: ", ")
      throw document.malformed("type", "is \"\(type.prefix(64))\"; expected one of \(known)")
    }
    let measurement = try kind.build(
      document, value: value, signalShape: signalShape, limits: limits)
    try document.finish()
    try limits.check(measurement, pointer: pointer)
    return measurement
  }
}
