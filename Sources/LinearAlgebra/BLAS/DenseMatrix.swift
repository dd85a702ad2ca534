import COpenBLAS

/// A dense row-major matrix in double precision: the equations of a layer, linear programs.
public struct DenseMatrix: Sendable, Equatable {
  public let rowCount: Int
  public let columnCount: Int
  /// Entry (i, j) at `i * columnCount + j`.
  public private(set) var values: [Double]

  /// - Precondition: `values` has `rowCount * columnCount` entries.
  public init(rowCount: Int, columnCount: Int, values: [Double]) {
    precondition(values.count == rowCount * columnCount, "one number an entry")
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.values = values
  }

  public subscript(row: Int, column: Int) -> Double {
    get { values[row &* columnCount &+ column] }
    set { values[row &* columnCount &+ column] = newValue }
  }

  /// `A x`
  public func apply(_ x: [Double]) -> [Double] {
    precondition(x.count == columnCount, "one entry a column")
    return product(x, CblasNoTrans, count: rowCount)
  }

  /// `A^T y`
  public func applyAdjoint(_ y: [Double]) -> [Double] {
    precondition(y.count == rowCount, "one entry a row")
    return product(y, CblasTrans, count: columnCount)
  }

  private func product(_ vector: [Double], _ side: CBLAS_TRANSPOSE, count: Int) -> [Double] {
    var product = [Double](repeating: 0, count: count)
    multiply(vector, side, into: &product, count: count)
    return product
  }

  /// `A x`, in memory of the caller's.
  package func apply(_ x: UnsafePointer<Double>, into product: UnsafeMutablePointer<Double>) {
    multiply(x, CblasNoTrans, into: product, count: rowCount)
  }

  /// `A^T y`, in memory of the caller's.
  package func applyAdjoint(
    _ y: UnsafePointer<Double>, into product: UnsafeMutablePointer<Double>
  ) {
    multiply(y, CblasTrans, into: product, count: columnCount)
  }

  private func multiply(
    _ vector: UnsafePointer<Double>, _ side: CBLAS_TRANSPOSE,
    into product: UnsafeMutablePointer<Double>, count: Int
  ) {
    OpenBLAS.prepare()
    guard rowCount > 0, columnCount > 0 else {
      product.update(repeating: 0, count: count)
      return
    }
    cblas_dgemv(
      CblasRowMajor, side, Int32(rowCount), Int32(columnCount), 1, values, Int32(columnCount),
      vector, 1, 0, product, 1)
  }

  /// The largest absolute value; 0 without entries.
  public var largestMagnitude: Double { values.reduce(0) { Swift.max($0, abs($1)) } }

  /// `A^T D A`, `D` being the diagonal of `weights`, none of them negative.
  public func gram(weights: [Double]) -> SymmetricMatrix {
    precondition(weights.count == rowCount, "one weight a row")
    var scaled = values
    for row in 0..<rowCount {
      let factor = weights[row].squareRoot()
      let start = row &* columnCount
      for entry in start..<start &+ columnCount { scaled[entry] *= factor }
    }
    return DenseMatrix(rowCount: rowCount, columnCount: columnCount, values: scaled).gram()
  }

  /// `A^T A`
  public func gram() -> SymmetricMatrix {
    OpenBLAS.prepare()
    var product = [Double](repeating: 0, count: columnCount * columnCount)
    if rowCount > 0, columnCount > 0 {
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(columnCount), Int32(rowCount), 1, values,
        Int32(columnCount), 0, &product, Int32(columnCount))
    }
    for row in 0..<columnCount {
      for column in 0..<row {
        product[row * columnCount + column] = product[column * columnCount + row]
      }
    }
    return SymmetricMatrix(size: columnCount, values: product)
  }

  public func selecting(rows: [Int]) -> DenseMatrix {
    var selected: [Double] = []
    selected.reserveCapacity(rows.count * columnCount)
    for row in rows {
      selected.append(contentsOf: values[row * columnCount..<(row + 1) * columnCount])
    }
    return DenseMatrix(rowCount: rows.count, columnCount: columnCount, values: selected)
  }

  public func selecting(columns: [Int]) -> DenseMatrix {
    var selected: [Double] = []
    selected.reserveCapacity(rowCount * columns.count)
    for row in 0..<rowCount {
      for column in columns { selected.append(values[row &* columnCount &+ column]) }
    }
    return DenseMatrix(rowCount: rowCount, columnCount: columns.count, values: selected)
  }

  /// Each row times its factor.
  public func scaled(rows factors: [Double]) -> DenseMatrix {
    precondition(factors.count == rowCount, "one factor a row")
    var scaled = self
    for row in 0..<rowCount {
      let start = row &* columnCount
      for entry in start..<start &+ columnCount { scaled.values[entry] *= factors[row] }
    }
    return scaled
  }
}

extension DenseMatrix {
  /// What makes `|A x - b|` small.
  public struct LeastSquaresSolution: Sendable, Equatable {
    /// Of all solutions, the shortest.
    public var x: [Double]
    /// Columns that the matrix tells apart. Below `columnCount`, `x` is one of many solutions.
    public var rank: Int

    public init(x: [Double], rank: Int) {
      self.x = x
      self.rank = rank
    }
  }

  /// The least squares solution by a QR decomposition with pivots (LAPACK's `dgelsy`).
  ///
  /// - Parameter tolerance: the reciprocal condition number below which columns are taken for
  ///   dependent.
  /// - Returns: zeros of rank 0 where an entry is not finite.
  public func leastSquares(
    _ right: [Double], tolerance: Double = 1e-12
  ) -> LeastSquaresSolution {
    precondition(right.count == rowCount, "one number a row")
    let nothing = LeastSquaresSolution(x: [Double](repeating: 0, count: columnCount), rank: 0)
    guard rowCount > 0, columnCount > 0, values.allSatisfy(\.isFinite), right.allSatisfy(\.isFinite)
    else { return nothing }
    OpenBLAS.prepare()
    var factor = [Double](unsafeUninitializedCapacity: values.count) { buffer, count in
      for column in 0..<columnCount {
        for row in 0..<rowCount {
          buffer[column &* rowCount &+ row] = values[row &* columnCount &+ column]
        }
      }
      count = values.count
    }
    let longer = max(rowCount, columnCount)
    var solution = right + [Double](repeating: 0, count: longer - rowCount)
    var (rows, columns, ones, height) = (
      Int32(rowCount), Int32(columnCount), Int32(1), Int32(longer)
    )
    var pivots = [Int32](repeating: 0, count: columnCount)
    var (tolerance, rank, info) = (tolerance, Int32(0), Int32(0))
    // The documented minimum, and room for blocks of 64 columns.
    let shorter = min(rowCount, columnCount)
    var workCount = Int32(max(shorter + 2 * columnCount + 64 * (columnCount + 1), 2 * shorter + 64))
    var work = [Double](repeating: 0, count: Int(workCount))
    dgelsy_(
      &rows, &columns, &ones, &factor, &rows, &solution, &height, &pivots, &tolerance, &rank, &work,
      &workCount, &info)
    guard info == 0 else { return nothing }
    return LeastSquaresSolution(x: Array(solution.prefix(columnCount)), rank: Int(rank))
  }
}
