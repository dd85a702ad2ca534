import Documents
import LinearAlgebra

/// The whole signal is seen.
public struct IdentityMeasurement: Measurement, LinearMap, MeasurementKind {
  public static let type = "identity"
  public static let summary = "the whole signal"
  public static let parameters: [any ParameterDescription] = []

  public let inputCount: Int

  public init(count: Int) {
    inputCount = count
  }

  public var outputCount: Int { inputCount }
  public var document: JSONValue { ["type": "identity"] }
  public var observedEntries: [Int]? { Array(0..<inputCount) }

  public func apply(_ x: Batch) -> Batch { x }
  public func applyAdjoint(_ y: Batch) -> Batch { y }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int]
  ) throws(DocumentError) -> any Measurement {
    IdentityMeasurement(count: signalShape.reduce(1, *))
  }
}
