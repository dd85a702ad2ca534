import Documents
import LinearAlgebra

/// The whole signal is seen.
public struct IdentityMeasurement: Measurement, LinearMap, PreciselyEvaluated, MeasurementKind {
  public static let type = "identity"
  public static let summary = "the whole signal"
  public static let parameters: [any ParameterDescription] = []

  public let outputShape: [Int]

  public init(signalShape: [Int]) {
    outputShape = signalShape
  }

  public init(count: Int) {
    self.init(signalShape: [count])
  }

  public var inputCount: Int { outputShape.reduce(1, *) }
  public var outputCount: Int { inputCount }
  public var document: JSONValue { ["type": "identity"] }
  public var observedEntries: [Int]? { Array(0..<inputCount) }
  public var squaredRowNorm: Double? { 1 }

  public func apply(_ x: Batch) -> Batch { x }
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? { x }
  public func applyAdjoint(_ y: Batch) -> Batch { y }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    IdentityMeasurement(signalShape: signalShape)
  }
}
