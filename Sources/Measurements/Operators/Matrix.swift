import Documents
import Foundation
import LinearAlgebra
import SignalFormats

/// A linear measurement given by its matrix: `y = A x`, `A` of shape `[rows, n]`.
public struct MatrixMeasurement: Measurement, LinearMap, PreciselyEvaluated, MeasurementKind {
  public static let type = "matrix"
  public static let summary = "a linear measurement given by its matrix"
  public static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "npy",
      schema: [
        "type": "string", "contentEncoding": "base64",
        "description": "a NumPy array of shape [rows, n], n being the entries of the signal",
      ])
  ]

  private let matrix: DenseMap
  public let document: JSONValue

  public init(_ matrix: DenseMap, document: JSONValue? = nil) {
    self.matrix = matrix
    self.document =
      document
      ?? [
        "type": "matrix",
        "npy": .string(
          Data(NPY.write(matrix.matrix, shape: [matrix.outputCount, matrix.inputCount]))
            .base64EncodedString()),
      ]
  }

  public var inputCount: Int { matrix.inputCount }
  public var outputCount: Int { matrix.outputCount }
  public var multiplyCount: Int { matrix.multiplyCount }

  public func apply(_ x: Batch) -> Batch { matrix.apply(x) }
  public func applyAdjoint(_ y: Batch) -> Batch { matrix.applyAdjoint(y) }
  public func evaluatePrecisely(_ x: [Double]) -> [Double]? { matrix.evaluatePrecisely(x) }
  public func columns(for samples: Int) -> Batch { matrix.columns(for: samples) }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let signalCount = signalShape.reduce(1, *)
    guard let bytes = Data(base64Encoded: try document.requiredString("npy")) else {
      throw document.malformed("npy", "is not base64")
    }
    let array: NPYArray
    do {
      var bounds = NPYLimits()
      bounds.elementsMax = min(bounds.elementsMax, limits.givenEntriesMax)
      array = try NPY.read([UInt8](bytes), limits: bounds)
    } catch {
      throw document.unprocessable("npy", error.message)
    }
    guard array.shape.count == 2, array.shape[0] > 0, array.shape[1] == signalCount else {
      throw document.unprocessable(
        "npy",
        "has shape \(array.shape); expected [rows, \(signalCount)] for a signal of shape "
          + "\(signalShape), with at least one row")
    }
    if let bad = array.firstNonFinite {
      throw document.unprocessable(
        "npy",
        "entry [\(bad / signalCount), \(bad % signalCount)] is \(array.values[bad]) as a "
          + "single-precision number; expected a finite one")
    }
    return MatrixMeasurement(
      DenseMap(
        matrix: array.values, inputCount: signalCount, outputCount: array.shape[0]),
      document: value)
  }
}
