import Documents
import LinearAlgebra

/// Some frequencies of the flattened signal. With `X` the discrete Fourier transform of `x`,
///
///     y_i = rows^(-1/2) (Re X[r_i] - Im X[r_i])
///
/// for distinct frequencies `r` in ascending order: the real form of the transform (Hartley 1942;
/// Bracewell 1983), whose whole matrix is symmetric and, scaled by `n^(-1/2)`, orthogonal. The
/// columns of `A` have the expected length one, and `A A^T = (n / rows) I`.
///
/// A `RandomNumbers` of the measurement's seed and of stream `0x666f_7572` draws `r`.
public struct FourierMeasurement: Measurement, LinearMap, MeasurementKind {
  public static let type = "fourier"
  public static let summary = "some frequencies of the signal, as real numbers"
  public static let parameters: [any ParameterDescription] = [
    DrawnRows.rowsParameter, DrawnRows.seedParameter,
  ]

  public let inputCount: Int
  public var outputCount: Int { frequencies.count }
  public let document: JSONValue
  /// `r`
  package let frequencies: [Int]
  private let transform: Lazy<FourierTransform>
  private let matrix: Lazy<DenseMap>

  /// - Parameter rows: from 1 to `signalCount`.
  public init(rows: Int, seed: UInt64, signalCount: Int, document: JSONValue? = nil) {
    var random = RandomNumbers(seed: seed, stream: 0x666f_7572)
    let frequencies = random.subset(rows, below: signalCount)
    inputCount = signalCount
    self.frequencies = frequencies
    self.document =
      document ?? ["type": "fourier", "rows": JSONValue(rows), "seed": .number(Double(seed))]
    transform = Lazy { FourierTransform(count: signalCount) }
    matrix = Lazy { Self.matrix(frequencies, count: signalCount) }
  }

  public var squaredRowNorm: Double? { Double(inputCount) / Double(outputCount) }

  private var isDense: Bool { FastTransform.isDense(rows: outputCount, count: inputCount) }

  public var multiplyCount: Int {
    FastTransform.multiplyCount(rows: outputCount, count: inputCount, transforms: 1)
  }

  public func apply(_ x: Batch) -> Batch {
    if isDense { return matrix.value.apply(x) }
    return FastTransform.map(x, width: outputCount) { row in
      let whole = transformed(row.map(Double.init))
      return frequencies.map { whole[$0] }
    }
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    if isDense { return matrix.value.applyAdjoint(y) }
    return FastTransform.map(y, width: inputCount) { row in
      var whole = [Double](repeating: 0, count: inputCount)
      for (frequency, value) in zip(frequencies, row) { whole[frequency] = Double(value) }
      return transformed(whole)
    }
  }

  public func columns(for samples: Int) -> Batch {
    isDense ? matrix.value.columns(for: samples) : apply(.identities(inputCount, for: samples))
  }

  private var scale: Double { 1 / Double(outputCount).squareRoot() }

  private func transformed(_ x: [Double]) -> [Double] {
    let spectrum = transform.value.forward(
      .init(real: x, imaginary: [Double](repeating: 0, count: x.count)))
    return x.indices.map { (spectrum.real[$0] - spectrum.imaginary[$0]) * scale }
  }

  private static func matrix(_ frequencies: [Int], count: Int) -> DenseMap {
    let scale = 1 / Double(frequencies.count).squareRoot()
    let roots = FourierTransform.roots(count)
    // The roots turn clockwise: their imaginary part is -sin.
    let cas = (0..<count).map { Float((roots.real[$0] - roots.imaginary[$0]) * scale) }
    var entries: [Float] = []
    entries.reserveCapacity(frequencies.count * count)
    for frequency in frequencies {
      var turn = 0
      for _ in 0..<count {
        entries.append(cas[turn])
        turn += frequency
        if turn >= count { turn -= count }
      }
    }
    return DenseMap(matrix: entries, inputCount: count, outputCount: frequencies.count)
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let signalCount = signalShape.reduce(1, *)
    let drawn = try DrawnRows(
      document, signalCount: signalCount, rowsMax: signalCount, limits: limits)
    return FourierMeasurement(
      rows: drawn.rows, seed: drawn.seed, signalCount: signalCount, document: value)
  }
}
