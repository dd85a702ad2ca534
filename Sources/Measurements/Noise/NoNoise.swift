import Documents
import LinearAlgebra

/// Nothing beyond rounding: `y = p`.
public struct NoNoise: NoiseModel {
  public static let type = "none"
  public static let summary = "nothing beyond rounding"
  public static let parameters: [any ParameterDescription] = []

  public init() {}

  public static func build(_ document: ObjectReader) throws(DocumentError) -> NoNoise { NoNoise() }

  public var document: JSONValue { ["type": "none"] }
  public var isNoiseless: Bool { true }
  public var isLikelihoodFlat: Bool { true }
  public var unit: Double? { nil }

  public func residual(for observation: [Float]) -> any DifferentiableMap {
    Translation(origin: observation)
  }

  public func moments(at prediction: [Float]) -> ResidualMoments? { nil }
  public func standardDeviation(at prediction: [Float]) -> Double? { nil }
  public func information(at prediction: [Float], observation: [Float]) -> [Double]? { nil }
}
