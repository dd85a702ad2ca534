import LinearAlgebra

/// The rows of a convex program, all made of one tall matrix `W`, of which they may use rows twice,
/// and of bounds on single entries. A point is `z`, one entry a column of `W`, and behind it `d` where
/// there are margins `m`. In this order:
///
///     upper      w_i z - m_i d      for each i of `upper`
///     lower     -w_i z - m_i d      for each i of `lower`
///     floors    -z_j                for each j of `floors`, which may be `d`'s place
///     ceilings   z_j                for each j of `ceilings`, likewise
///
/// Sharing `W` is what makes a band (a row used on both sides) cost no more than a row: `A^T D A` is
/// one product of `W` with its own.
public struct ProgramRows: Sendable, Equatable {
  public let matrix: DenseMatrix
  /// One a row of `matrix`; without margins there is no `d`.
  public let margins: [Double]?
  public let upper: [Int]
  public let lower: [Int]
  public let floors: [Int]
  public let ceilings: [Int]

  public init(
    matrix: DenseMatrix, margins: [Double]? = nil, upper: [Int], lower: [Int] = [],
    floors: [Int] = [], ceilings: [Int] = []
  ) {
    let columnCount = matrix.columnCount + (margins == nil ? 0 : 1)
    precondition(margins.map { $0.count == matrix.rowCount } ?? true, "one margin a row")
    precondition(
      (upper + lower).allSatisfy { 0..<matrix.rowCount ~= $0 }, "rows are rows of the matrix")
    precondition(
      (floors + ceilings).allSatisfy { 0..<columnCount ~= $0 }, "bounds are of entries of the point"
    )
    self.matrix = matrix
    self.margins = margins
    self.upper = upper
    self.lower = lower
    self.floors = floors
    self.ceilings = ceilings
  }

  /// Every row of `matrix` once, as it is.
  public init(_ matrix: DenseMatrix) {
    self.init(matrix: matrix, upper: Array(0..<matrix.rowCount))
  }

  public var count: Int { upper.count + lower.count + floors.count + ceilings.count }
  public var columnCount: Int { matrix.columnCount + (margins == nil ? 0 : 1) }

  /// Where the rows that are made of `matrix` end and the bounds begin.
  var boundsStart: Int { upper.count + lower.count }

  /// `A z`
  public func apply(_ point: [Double]) -> [Double] {
    precondition(point.count == columnCount, "one entry a column")
    let image = matrix.apply(Array(point.prefix(matrix.columnCount)))
    func margin(_ row: Int) -> Double { margins.map { $0[row] * point[point.count - 1] } ?? 0 }
    return upper.map { image[$0] - margin($0) } + lower.map { -image[$0] - margin($0) }
      + floors.map { -point[$0] } + ceilings.map { point[$0] }
  }

  /// `A^T y`
  public func applyAdjoint(_ prices: [Double]) -> [Double] {
    precondition(prices.count == count, "one entry a row")
    var signed = [Double](repeating: 0, count: matrix.rowCount)
    var margin = 0.0
    for (place, row) in upper.enumerated() {
      signed[row] += prices[place]
      margin -= (margins?[row] ?? 0) * prices[place]
    }
    for (place, row) in lower.enumerated() {
      let price = prices[upper.count + place]
      signed[row] -= price
      margin -= (margins?[row] ?? 0) * price
    }
    var result = matrix.applyAdjoint(signed)
    if margins != nil { result.append(margin) }
    for (place, column) in floors.enumerated() { result[column] -= prices[boundsStart + place] }
    for (place, column) in ceilings.enumerated() {
      result[column] += prices[boundsStart + floors.count + place]
    }
    return result
  }

  /// `A` itself, entry by entry.
  var dense: DenseMatrix {
    let width = columnCount
    var values: [Double] = []
    values.reserveCapacity(count * width)
    for (indices, sign) in [(upper, 1.0), (lower, -1.0)] {
      for row in indices {
        for column in 0..<matrix.columnCount { values.append(sign * matrix[row, column]) }
        if let margins { values.append(-margins[row]) }
      }
    }
    for (indices, sign) in [(floors, -1.0), (ceilings, 1.0)] {
      for place in indices {
        for column in 0..<width { values.append(column == place ? sign : 0) }
      }
    }
    return DenseMatrix(rowCount: count, columnCount: width, values: values)
  }

  /// `A^T D A`, `D` being the diagonal of `weights`, none of them negative.
  public func gram(weights: [Double]) -> SymmetricMatrix {
    let equations = WeightedNormalEquations(size: columnCount, rowCount: matrix.rowCount)
    let products = RowProducts(self, scale: .unit)
    weights.withUnsafeBufferPointer { products.setGram(weights: $0, in: equations) }
    var gram = SymmetricMatrix(zeros: columnCount)
    for row in 0..<columnCount {
      for column in row..<columnCount {
        gram[row, column] = equations[row, column]
        gram[column, row] = equations[row, column]
      }
    }
    return gram
  }
}
