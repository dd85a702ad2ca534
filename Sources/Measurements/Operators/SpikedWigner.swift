import Documents
import LinearAlgebra

/// A symmetric matrix with the signal as its spike, `M = x x^T + H` with symmetric Gaussian noise `H`
/// (the spiked Wigner model: Cocola 2022, appendix). The observation is the upper triangle of `M`, row
/// after row, entries off the diagonal times `sqrt(2)`; a whole matrix is accepted too. Twice the
/// loss of least squares, `|A(x) - y|^2`, is then `|x x^T - M|_F^2`. `x` and `-x` look the same.
public struct SpikedWignerMeasurement: Measurement, MeasurementKind {
  public static let type = "spiked_wigner"
  public static let summary = "the symmetric matrix x x^T, seen under symmetric noise"
  public static let parameters: [any ParameterDescription] = []

  private let square: SymmetricSquare
  public var document: JSONValue { ["type": "spiked_wigner"] }

  public init(signalCount: Int) {
    square = SymmetricSquare(inputCount: signalCount)
  }

  public var inputCount: Int { square.inputCount }
  public var outputCount: Int { square.outputCount }

  public func evaluate(_ x: Batch) -> Batch { square.evaluate(x) }
  public func linearize(at x: Batch) -> Linearization { square.linearize(at: x) }

  /// - Parameter given: a whole matrix, row-major; of one that is not symmetric the symmetric part
  ///   counts.
  public func observation(from given: [Float]) -> [Float]? {
    given.count == inputCount * inputCount
      ? SymmetricTriangle.values(ofMatrix: given, size: inputCount) : nil
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    SpikedWignerMeasurement(signalCount: signalShape.reduce(1, *))
  }
}
