import COpenBLAS

/// A small symmetric matrix in double precision: normal equations, covariances, certificates.
public struct SymmetricMatrix: Sendable, Equatable {
  public let size: Int
  /// `size * size` numbers; both triangles are filled.
  public var values: [Double]

  public init(size: Int, values: [Double]) {
    precondition(values.count == size * size, "a symmetric matrix is square")
    self.size = size
    self.values = values
  }

  public init(zeros size: Int) {
    self.init(size: size, values: [Double](repeating: 0, count: size * size))
  }

  /// `a a^T` of a row-major matrix, summed in single precision.
  public init(gramOf a: MatrixView) {
    let single = [Float](unsafeUninitializedCapacity: a.rows * a.rows) { buffer, filled in
      if let base = buffer.baseAddress { gram(a, into: base) }
      filled = a.rows * a.rows
    }
    self.init(size: a.rows, values: single.map(Double.init))
  }

  /// `a a^T` of a row-major matrix, summed in double precision.
  public init(preciseGramOf a: MatrixView) {
    OpenBLAS.prepare()
    let wide = UnsafeBufferPointer(start: a.base, count: a.rows * a.columns).map(Double.init)
    var product = [Double](repeating: 0, count: a.rows * a.rows)
    if a.rows > 0, a.columns > 0 {
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasNoTrans, Int32(a.rows), Int32(a.columns), 1, wide,
        Int32(a.columns), 0, &product, Int32(a.rows))
    }
    self.init(size: a.rows, values: product)
    for row in 0..<size {
      for column in 0..<row { values[row * size + column] = values[column * size + row] }
    }
  }

  public subscript(row: Int, column: Int) -> Double {
    get { values[row * size + column] }
    set { values[row * size + column] = newValue }
  }

  /// `a^T M b`
  public func product(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == size && b.count == size, "vectors have one entry a row")
    return (0..<size).reduce(0) { sum, row in
      sum + a[row] * (0..<size).reduce(0) { $0 + self[row, $1] * b[$1] }
    }
  }

  /// Adds `scale M x` to `sum`.
  package func apply(
    _ x: UnsafeBufferPointer<Double>, scale: Double,
    addingTo sum: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(x.count == size && sum.count == size, "vectors have one entry a row")
    OpenBLAS.prepare()
    guard size > 0 else { return }
    cblas_dsymv(
      CblasRowMajor, CblasUpper, Int32(size), scale, values, Int32(size), x.baseAddress, 1, 1,
      sum.baseAddress, 1)
  }

  public var meanDiagonal: Double {
    (0..<size).reduce(0) { $0 + self[$1, $1] } / Double(max(size, 1))
  }

  /// Adds `shift` to the diagonal.
  public func shifted(by shift: Double) -> SymmetricMatrix {
    var shifted = self
    for row in 0..<size { shifted[row, row] += shift }
    return shifted
  }

  /// The factor of a positive definite matrix; `nil` when it is not.
  public func cholesky() -> CholeskyFactor? {
    OpenBLAS.prepare()
    guard values.allSatisfy(\.isFinite) else { return nil }
    guard size > 0 else { return CholeskyFactor(size: 0, values: []) }
    var factor = values
    var order = Int32(size)
    var info: Int32 = 0
    dpotrf_("L", &order, &factor, &order, &info)
    return info == 0 ? CholeskyFactor(size: size, values: factor) : nil
  }

  /// Eigenvalues in ascending order, and the eigenvectors, one a row in the same order.
  /// `nil` when an entry is not finite or the iteration fails.
  public func eigen() -> (values: [Double], vectors: [Double])? {
    OpenBLAS.prepare()
    guard values.allSatisfy(\.isFinite) else { return nil }
    guard size > 0 else { return ([], []) }
    var vectors = values
    var eigenvalues = [Double](repeating: 0, count: size)
    var order = Int32(size)
    var work = [Double](repeating: 0, count: 1 + 6 * size + 2 * size * size)
    var integerWork = [Int32](repeating: 0, count: 3 + 5 * size)
    var workCount = Int32(work.count)
    var integerWorkCount = Int32(integerWork.count)
    var info: Int32 = 0
    dsyevd_(
      "V", "L", &order, &vectors, &order, &eigenvalues, &work, &workCount, &integerWork,
      &integerWorkCount, &info)
    return info == 0 ? (eigenvalues, vectors) : nil
  }
}

/// `L` with `L L^T` the matrix it was made from.
public struct CholeskyFactor: Sendable {
  public let size: Int
  /// Column-major; the strict upper triangle is not used.
  let values: [Double]

  /// The `x` with `L L^T x = right`.
  public func solve(_ right: [Double]) -> [Double] {
    precondition(right.count == size, "the right-hand side has one entry a row")
    guard size > 0 else { return [] }
    var solution = right
    var order = Int32(size)
    var columns: Int32 = 1
    var info: Int32 = 0
    dpotrs_("L", &order, &columns, values, &order, &solution, &order, &info)
    return solution
  }

  /// The smallest over the largest entry of `L`'s diagonal: about the root of the reciprocal condition
  /// number; 1 for an empty matrix.
  public var diagonalRatio: Double {
    let diagonal = (0..<size).map { abs(values[$0 * size + $0]) }
    guard let largest = diagonal.max(), let smallest = diagonal.min(), largest > 0 else { return 1 }
    return smallest / largest
  }

  /// The diagonal of `(L L^T)^-1`: variances, where that was an inverse covariance.
  public func inverseDiagonal() -> [Double] {
    guard size > 0 else { return [] }
    var inverse = values
    var order = Int32(size)
    var info: Int32 = 0
    dpotri_("L", &order, &inverse, &order, &info)
    return (0..<size).map { inverse[$0 * size + $0] }
  }

  /// `L x`: turns independent draws into draws with the factored covariance.
  public func multiply(_ x: [Double]) -> [Double] {
    precondition(x.count == size, "the vector has one entry a column")
    return (0..<size).map { row in
      (0...row).reduce(0) { $0 + values[$1 * size + row] * x[$1] }
    }
  }
}
