import LinearAlgebra

/// What measurements with a fast transform share: small ones are applied by their matrix, which is
/// faster, large ones by the transform, which needs no memory for it. The choice is by size alone,
/// so that a document gives the same bits whatever the limits of a server are.
enum FastTransform {
  /// About where a product with the matrix takes as long as a transform of the whole signal, for any
  /// length of it: one costs `rows`, the other about 40 ns, an entry of the signal.
  static let denseRowsMax = 512
  /// A larger matrix is not worth its memory.
  static let denseEntriesMax = 1 << 24

  static func isDense(rows: Int, count: Int) -> Bool {
    rows <= denseRowsMax && rows * count <= denseEntriesMax
  }

  /// - Parameter transforms: of one application.
  static func multiplyCount(rows: Int, count: Int, transforms: Int) -> Int {
    if isDense(rows: rows, count: count) { return rows * count }
    return transforms * FourierTransform.multiplyCount(ofCount: count)
  }

  /// Applies a function to each row.
  static func map(
    _ x: Batch, width: Int, _ function: (ArraySlice<Float>) -> [Double]
  ) -> Batch {
    var values: [Float] = []
    values.reserveCapacity(x.count * width)
    for row in 0..<x.count { values.append(contentsOf: function(x[row]).map { Float($0) }) }
    return Batch(count: x.count, width: width, values: values)
  }
}
