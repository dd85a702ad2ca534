import Documents
import LinearAlgebra

/// The covariance of samples along one direction (the spiked Wishart model: Cocola 2022, appendix):
/// `rows` samples `y_i = u_i x + sigma e_i` with standard normal `u_i` and `e_i` have the covariance
/// `x x^T + sigma^2 I`. The observation is the upper triangle of `M = Y^T Y / rows - sigma^2 I`, laid
/// out as for `spiked_wigner`; the whole matrix `M` is accepted too, and, where the document has
/// `rows`, the samples `Y` themselves. `x` and `-x` look the same.
public struct SpikedWishartMeasurement: Measurement, MeasurementKind {
  public static let type = "spiked_wishart"
  public static let summary = "the covariance x x^T of samples along the signal"
  public static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "rows",
      schema: [
        "type": ["integer", "null"], "minimum": 1, "maximum": .number(Double(rowsMax)),
        "description": "the observation is given as so many samples, each of the signal's size",
      ]),
    sigmaParameter,
  ]
  private static let rowsMax = 1 << 30
  private static let sigmaParameter = Parameter<Double>(
    "sigma", default: 0, in: 0...1e15, "with rows: standard deviation of the samples' noise")

  private let square: SymmetricSquare
  private let samples: (rows: Int, sigma: Double)?
  public let document: JSONValue

  /// - Parameter samples: how the observation is given, unless as a matrix.
  public init(
    signalCount: Int, samples: (rows: Int, sigma: Double)? = nil, document: JSONValue? = nil
  ) {
    square = SymmetricSquare(inputCount: signalCount)
    self.samples = samples
    var own: JSONObject = ["type": "spiked_wishart"]
    if let samples {
      own["rows"] = JSONValue(samples.rows)
      own["sigma"] = .number(samples.sigma)
    }
    self.document = document ?? .object(own)
  }

  public var inputCount: Int { square.inputCount }
  public var outputCount: Int { square.outputCount }

  public func evaluate(_ x: Batch) -> Batch { square.evaluate(x) }
  public func linearize(at x: Batch) -> Linearization { square.linearize(at: x) }

  /// - Parameter given: the samples, one a row, or the whole matrix `M`.
  public func observation(from given: [Float]) -> [Float]? {
    if let samples, given.count == samples.rows * inputCount {
      return SymmetricTriangle.values(
        ofMatrix: Self.covariance(given, samples.rows, inputCount, sigma: samples.sigma),
        size: inputCount)
    }
    return given.count == inputCount * inputCount
      ? SymmetricTriangle.values(ofMatrix: given, size: inputCount) : nil
  }

  /// `Y^T Y / rows - sigma^2 I`
  private static func covariance(
    _ samples: [Float], _ rows: Int, _ size: Int, sigma: Double
  ) -> [Float] {
    var matrix = [Float](repeating: 0, count: size * size)
    samples.withUnsafeBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      gram(MatrixView(base, rows: rows, columns: size), .transposed, into: &matrix)
    }
    let share = 1 / Float(rows)
    for entry in matrix.indices { matrix[entry] *= share }
    for entry in 0..<size { matrix[entry * size + entry] -= Float(sigma * sigma) }
    return matrix
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let rows = try document.integer("rows", in: 1...rowsMax)
    let sigma = try document.value(sigmaParameter)
    guard rows != nil || !document.has("sigma") else {
      throw document.malformed(
        "sigma", "is of no use without rows; give rows, or take sigma^2 I from the matrix first")
    }
    return SpikedWishartMeasurement(
      signalCount: signalShape.reduce(1, *), samples: rows.map { ($0, sigma) }, document: value)
  }
}
