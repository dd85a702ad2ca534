import LinearAlgebra

/// `W` of one layer, with vectors in double precision: the matrix where it is small enough to be
/// written down, else the map itself, whose products are those of single precision.
package struct LayerOperator: Sendable {
  private let map: any LinearMap
  /// `nil` where it has more entries than may be written down.
  package let matrix: DenseMatrix?

  /// - Parameter entriesMax: of a matrix that is written down.
  init(_ map: any LinearMap, entriesMax: Int) {
    self.map = map
    let (rowCount, columnCount) = (map.outputCount, map.inputCount)
    let (entries, overflow) = rowCount.multipliedReportingOverflow(by: columnCount)
    guard !overflow, entries <= entriesMax else {
      matrix = nil
      return
    }
    let columns = map.columns(for: 1).values
    matrix = DenseMatrix(
      rowCount: rowCount, columnCount: columnCount,
      values: [Double](unsafeUninitializedCapacity: entries) { buffer, count in
        for row in 0..<rowCount {
          for column in 0..<columnCount {
            buffer[row &* columnCount &+ column] = Double(columns[column &* rowCount &+ row])
          }
        }
        count = entries
      })
  }

  package var rowCount: Int { map.outputCount }
  package var columnCount: Int { map.inputCount }
  /// Of one product.
  var multiplyCount: Int { map.multiplyCount }

  /// `W x`
  func apply(_ x: [Double]) -> [Double] {
    matrix?.apply(x) ?? map.apply(Batch(row: x.map { Float($0) })).values.map(Double.init)
  }

  /// `W^T y`
  func applyAdjoint(_ y: [Double]) -> [Double] {
    matrix?.applyAdjoint(y)
      ?? map.applyAdjoint(Batch(row: y.map { Float($0) })).values.map(Double.init)
  }
}
