import Documents
import LinearAlgebra

/// A partial random circulant matrix with random signs,
///
///     y_i = rows^(-1/2) sum_j c[(r_i - j) mod n] d_j x_j
///
/// with `c` and `d` of random signs and `r` distinct places in ascending order, so that every column
/// of `A` has length one. (Romberg 2009; Krahmer and Ward 2011 for the signs `d`.)
///
/// A `RandomNumbers` of the measurement's seed and of stream `0x6369_7263` draws `c`, then `d`, then
/// `r`.
public struct CirculantMeasurement: Measurement, LinearMap, MeasurementKind {
  public static let type = "circulant"
  public static let summary = "some rows of a random circulant matrix, after random signs"
  public static let parameters: [any ParameterDescription] = [
    DrawnRows.rowsParameter, DrawnRows.seedParameter,
  ]

  public let inputCount: Int
  public var outputCount: Int { places.count }
  public let document: JSONValue
  /// `c`
  package let generator: [Float]
  /// `d`
  package let signs: [Float]
  /// `r`
  package let places: [Int]
  private let transform: Lazy<(FourierTransform, spectrum: FourierTransform.Vector)>
  private let matrix: Lazy<DenseMap>

  /// - Parameter rows: from 1 to `signalCount`.
  public init(rows: Int, seed: UInt64, signalCount: Int, document: JSONValue? = nil) {
    var random = RandomNumbers(seed: seed, stream: 0x6369_7263)
    let generator = (0..<signalCount).map { _ in random.sign() }
    let signs = (0..<signalCount).map { _ in random.sign() }
    let places = random.subset(rows, below: signalCount)
    inputCount = signalCount
    self.generator = generator
    self.signs = signs
    self.places = places
    self.document =
      document ?? ["type": "circulant", "rows": JSONValue(rows), "seed": .number(Double(seed))]
    matrix = Lazy { Self.matrix(generator, signs, places) }
    transform = Lazy {
      let transform = FourierTransform(count: signalCount)
      let spectrum = transform.forward(
        .init(
          real: generator.map(Double.init), imaginary: [Double](repeating: 0, count: signalCount)))
      return (transform, spectrum)
    }
  }

  private var isDense: Bool { FastTransform.isDense(rows: outputCount, count: inputCount) }

  public var multiplyCount: Int {
    FastTransform.multiplyCount(rows: outputCount, count: inputCount, transforms: 2)
  }

  public func apply(_ x: Batch) -> Batch {
    if isDense { return matrix.value.apply(x) }
    return FastTransform.map(x, width: outputCount) { row in
      let product = convolved(
        zip(row, signs).map { Double($0 * $1) }, conjugated: false)
      return places.map { product[$0] * scale }
    }
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    if isDense { return matrix.value.applyAdjoint(y) }
    return FastTransform.map(y, width: inputCount) { row in
      var whole = [Double](repeating: 0, count: inputCount)
      for (place, value) in zip(places, row) { whole[place] = Double(value) * scale }
      return zip(convolved(whole, conjugated: true), signs).map { $0 * Double($1) }
    }
  }

  public func columns(for samples: Int) -> Batch {
    isDense ? matrix.value.columns(for: samples) : apply(.identities(inputCount, for: samples))
  }

  private var scale: Double { 1 / Double(outputCount).squareRoot() }

  private func convolved(_ x: [Double], conjugated: Bool) -> [Double] {
    let (transform, spectrum) = transform.value
    var product = transform.forward(
      .init(real: x, imaginary: [Double](repeating: 0, count: x.count)))
    for place in x.indices {
      let (a, b) = (product.real[place], product.imaginary[place])
      let u = spectrum.real[place]
      let v = conjugated ? -spectrum.imaginary[place] : spectrum.imaginary[place]
      product.real[place] = a * u - b * v
      product.imaginary[place] = a * v + b * u
    }
    return transform.inverse(product).real
  }

  private static func matrix(_ generator: [Float], _ signs: [Float], _ places: [Int]) -> DenseMap {
    let count = generator.count
    let scale = Float(1 / Double(places.count).squareRoot())
    var entries: [Float] = []
    entries.reserveCapacity(places.count * count)
    for place in places {
      for column in 0..<count {
        let distance = place < column ? place - column + count : place - column
        entries.append(generator[distance] * signs[column] * scale)
      }
    }
    return DenseMap(matrix: entries, inputCount: count, outputCount: places.count)
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let signalCount = signalShape.reduce(1, *)
    let drawn = try DrawnRows(
      document, signalCount: signalCount, rowsMax: signalCount, limits: limits)
    return CirculantMeasurement(
      rows: drawn.rows, seed: drawn.seed, signalCount: signalCount, document: value)
  }
}
