import Documents
import LinearAlgebra

/// The fields of measurements that are drawn from a seed: how many numbers they give, and which
/// draw it is.
struct DrawnRows {
  let rows: Int
  let seed: UInt64

  static let seedMax = (1 << 53) - 1
  static let rowsParameter = StructuredParameter(
    "rows",
    schema: ["type": "integer", "minimum": 1, "description": "numbers of the observation"])
  static let seedParameter = Parameter<Int>(
    "seed", default: 0, in: 0...seedMax, "the same seed draws the same measurement everywhere")

  /// - Parameters:
  ///   - rowsMax: what the kind of measurement has, for instance no more rows than columns.
  ///   - limits: `rows` times `signalCount` must be within their multiplications.
  init(
    _ document: ObjectReader, signalCount: Int, rowsMax: Int = .max, limits: MeasurementLimits
  ) throws(DocumentError) {
    _ = try document.required("rows")
    rows = try document.integer("rows", in: 1...1 << 53) ?? 1
    seed = UInt64(try document.value(Self.seedParameter))
    guard rows <= rowsMax else {
      throw document.unprocessable(
        "rows", "is \(rows); a signal of \(signalCount) entries has at most \(rowsMax)")
    }
    guard rows <= limits.outputCountMax else {
      throw document.unprocessable(
        "rows", "is \(rows); at most \(limits.outputCountMax) numbers may be observed")
    }
  }
}

extension RandomNumbers {
  /// 1 or -1.
  mutating func sign() -> Float { next() >> 63 == 0 ? 1 : -1 }
}
