import Documents
import LinearAlgebra

/// Magnitudes only: `y = |A x|` for a linear `A`, entry by entry. The derivative is
/// `diag(sign(A x)) A`; where an entry of `A x` is zero, the kink, its row is taken as zero.
public struct PhaselessMeasurement: Measurement, PreciselyEvaluated, MeasurementKind {
  public static let type = "phaseless"
  public static let summary = "the magnitudes of another, linear measurement"
  public static let parameters: [any ParameterDescription] = [LinearPart.parameter]

  private let linear: any Measurement & LinearMap
  private let chain: Chain
  public let document: JSONValue

  public init(of linear: any Measurement & LinearMap, document: JSONValue? = nil) {
    self.linear = linear
    self.document = document ?? ["type": "phaseless", "of": linear.document]
    chain = Chain(
      [linear, AbsoluteValue(count: linear.outputCount)], inputCount: linear.inputCount)
  }

  public var inputCount: Int { chain.inputCount }
  public var outputCount: Int { chain.outputCount }
  public var outputShape: [Int] { linear.outputShape }
  public var multiplyCount: Int { linear.multiplyCount }

  public func evaluate(_ x: Batch) -> Batch { chain.evaluate(x) }
  public func linearize(at x: Batch) -> Linearization { chain.linearize(at: x) }
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? { chain.evaluatePrecisely(x) }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    PhaselessMeasurement(
      of: try LinearPart.build(document, signalShape: signalShape, limits: limits),
      document: value)
  }
}

/// The field `of` of measurements that look at what a linear one gives.
enum LinearPart {
  static let parameter = StructuredParameter(
    "of",
    schema: [
      "type": "object", "required": ["type"], "description": "the document of a linear measurement",
    ])

  static func build(
    _ document: ObjectReader, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement & LinearMap {
    let value = try document.required("of")
    let part = try MeasurementCatalogue.build(
      value, signalShape: signalShape, limits: limits.nested(in: "of", of: document),
      pointer: document.pointer(to: "of"))
    guard let linear = part as? any Measurement & LinearMap else {
      throw document.unprocessable(
        "of",
        "\(value.object?["type"]?.string ?? "it") is not linear; expected a measurement that is")
    }
    return linear
  }
}

/// `f(x) = |x|`, entry by entry.
private struct AbsoluteValue: PreciselyEvaluated {
  let count: Int
  var inputCount: Int { count }
  var outputCount: Int { count }

  func evaluate(_ x: Batch) -> Batch {
    Batch(count: x.count, width: x.width, values: x.values.map(abs))
  }

  func evaluatePrecisely(_ x: [Double]) -> [Double]? { x.map(abs) }

  func linearize(at x: Batch) -> Linearization {
    let signs = x.values.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 as Float }
    return Linearization(
      value: evaluate(x),
      jacobian: DiagonalMap(Batch(count: x.count, width: x.width, values: signs)))
  }
}
