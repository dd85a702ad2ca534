import Documents
import LinearAlgebra

/// Random projections: `y = A x` with independent entries `N(0, 1 / rows)`, the classical
/// measurement of compressed sensing (Bora et al. 2017; Cocola 2022, theorem 1.1).
///
/// Row `i` of `A` is `normal() / sqrt(rows)` for each column in order, drawn by a `RandomNumbers` of
/// the measurement's seed and of stream `0x6761_7573 << 32 | i`.
public struct GaussianMeasurement: Measurement, LinearMap, PreciselyEvaluated, MeasurementKind {
  public static let type = "gaussian"
  public static let summary = "random projections with independent normal weights"
  public static let parameters: [any ParameterDescription] = [
    DrawnRows.rowsParameter, DrawnRows.seedParameter,
  ]

  public let inputCount: Int
  public let outputCount: Int
  public let document: JSONValue
  private let seed: UInt64
  private let matrix: Lazy<DenseMap>

  /// A matrix of more entries is drawn anew, a block of rows at a time, whenever it is applied:
  /// tens of times slower, but no more than a block is in memory.
  public static let storedEntriesMax = 1 << 24
  static let blockEntriesMax = 1 << 20

  /// Nothing is drawn before the first use.
  public init(rows: Int, seed: UInt64, signalCount: Int, document: JSONValue? = nil) {
    inputCount = signalCount
    outputCount = rows
    self.seed = seed
    self.document =
      document ?? ["type": "gaussian", "rows": JSONValue(rows), "seed": .number(Double(seed))]
    matrix = Lazy { Self.draw(0..<rows, of: rows, seed: seed, width: signalCount) }
  }

  public var multiplyCount: Int { inputCount * outputCount }
  private var isStored: Bool { multiplyCount <= Self.storedEntriesMax }

  public func apply(_ x: Batch) -> Batch {
    if isStored { return matrix.value.apply(x) }
    var result = Batch(zeros: x.count, width: outputCount)
    for block in blocks {
      let part = drawn(block).apply(x)
      for row in 0..<x.count {
        let start = row * outputCount + block.lowerBound
        result.values.replaceSubrange(start..<start + block.count, with: part[row])
      }
    }
    return result
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    if isStored { return matrix.value.applyAdjoint(y) }
    var result = Batch(zeros: y.count, width: inputCount)
    for block in blocks {
      let part = SelectionMap(Array(block), inputCount: outputCount).apply(y)
      let answer = drawn(block).applyAdjoint(part)
      for entry in result.values.indices { result.values[entry] += answer.values[entry] }
    }
    return result
  }

  public func columns(for samples: Int) -> Batch {
    isStored ? matrix.value.columns(for: samples) : apply(.identities(inputCount, for: samples))
  }

  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    isStored ? matrix.value.evaluatePrecisely(x) : nil
  }

  private var blocks: [Range<Int>] {
    let size = max(1, Self.blockEntriesMax / inputCount)
    return stride(from: 0, to: outputCount, by: size).map {
      $0..<min($0 + size, outputCount)
    }
  }

  private func drawn(_ rows: Range<Int>) -> DenseMap {
    Self.draw(rows, of: outputCount, seed: seed, width: inputCount)
  }

  private static func draw(
    _ rows: Range<Int>, of rowCount: Int, seed: UInt64, width: Int
  ) -> DenseMap {
    let deviation = 1 / Double(rowCount).squareRoot()
    var entries: [Float] = []
    entries.reserveCapacity(rows.count * width)
    for row in rows {
      var random = RandomNumbers(seed: seed, stream: 0x6761_7573 << 32 | UInt64(row))
      for _ in 0..<width { entries.append(Float(random.normal() * deviation)) }
    }
    return DenseMap(matrix: entries, inputCount: width, outputCount: rows.count)
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let signalCount = signalShape.reduce(1, *)
    let drawn = try DrawnRows(document, signalCount: signalCount, limits: limits)
    let rowsMax = limits.multiplyCountMax / signalCount
    guard drawn.rows <= rowsMax else {
      throw document.unprocessable(
        "rows",
        "is \(drawn.rows); of a signal of \(signalCount) entries at most \(rowsMax) "
          + "projections may be drawn")
    }
    return GaussianMeasurement(
      rows: drawn.rows, seed: drawn.seed, signalCount: signalCount, document: value)
  }
}
