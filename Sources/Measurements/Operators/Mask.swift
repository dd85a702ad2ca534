import Documents
import LinearAlgebra

/// Some entries of the signal are seen as they are, the others not at all.
public struct MaskMeasurement: Measurement, LinearMap, PreciselyEvaluated, MeasurementKind {
  public static let type = "mask"
  public static let summary = "some entries of the signal; the others are hidden"
  public static let parameters: [any ParameterDescription] = [
    StructuredParameter("observed", schema: ObservedSet.schema)
  ]

  private let selection: SelectionMap
  public let document: JSONValue

  /// - Parameters:
  ///   - entries: what is seen, distinct, in the order of the observation.
  ///   - document: what the mask can be made from again; by default its indices.
  public init(entries: [Int], signalCount: Int, document: JSONValue? = nil) {
    selection = SelectionMap(entries, inputCount: signalCount)
    self.document =
      document ?? ["type": "mask", "observed": ["indices": JSONValue(entries)]]
  }

  public var inputCount: Int { selection.inputCount }
  public var outputCount: Int { selection.outputCount }
  public var observedEntries: [Int]? { selection.indices }
  public var squaredRowNorm: Double? { 1 }

  public func apply(_ x: Batch) -> Batch { selection.apply(x) }
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? { selection.evaluatePrecisely(x) }
  public func applyAdjoint(_ y: Batch) -> Batch { selection.applyAdjoint(y) }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let observed = try document.requiredObject("observed")
    let entries = try ObservedSet(signalShape: signalShape).entries(observed)
    guard !entries.isEmpty else {
      throw document.unprocessable(
        "observed", "the mask observes none of the signal's \(signalShape.reduce(1, *)) entries")
    }
    return MaskMeasurement(
      entries: entries, signalCount: signalShape.reduce(1, *), document: value)
  }
}
