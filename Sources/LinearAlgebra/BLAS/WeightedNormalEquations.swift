import COpenBLAS

/// The normal matrix `A^T D A` of a tall matrix under changing weights, plus whatever is added to it,
/// and its Cholesky factor: what an interior-point method forms, factors and solves with each
/// iteration. All memory is taken once.
package final class WeightedNormalEquations {
  package let size: Int
  /// Both row-major with the upper triangle filled, which LAPACK reads as column-major and lower.
  private let matrix: UnsafeMutableBufferPointer<Double>
  private let factor: UnsafeMutableBufferPointer<Double>
  private let correction: UnsafeMutableBufferPointer<Double>
  /// Rows of `A` times the roots of their weights, so many at a time that they stay in the cache.
  private let block: UnsafeMutableBufferPointer<Double>
  private let blockRows: Int
  /// Block and product in single precision, in memory taken when first asked for.
  private lazy var single = UnsafeMutableBufferPointer<Float>.allocate(
    capacity: (blockRows + size) * size)
  private var hasSingle = false

  /// In what the products are summed.
  package enum Precision {
    case single
    case double
  }

  /// - Parameter size: columns of `A`, and one more where there is a border.
  package init(size: Int, rowCount: Int) {
    OpenBLAS.prepare()
    self.size = size
    blockRows = max(1, min(rowCount, max(32, (1 << 17) / max(size, 1))))
    matrix = .allocate(capacity: size * size)
    factor = .allocate(capacity: size * size)
    correction = .allocate(capacity: size)
    block = .allocate(capacity: blockRows * size)
    matrix.initialize(repeating: 0)
    factor.initialize(repeating: 0)
    correction.initialize(repeating: 0)
    block.initialize(repeating: 0)
  }

  deinit {
    matrix.deallocate()
    factor.deallocate()
    correction.deallocate()
    block.deallocate()
    if hasSingle { single.deallocate() }
  }

  /// Entries with `row <= column` are read and written; the others are not kept.
  package subscript(row: Int, column: Int) -> Double {
    get { matrix[row &* size &+ column] }
    set { matrix[row &* size &+ column] = newValue }
  }

  /// `A^T D A`, and beside it, with a border, one more column `A^T f`, whose last entry the caller
  /// sets.
  ///
  /// - Parameters:
  ///   - weights: the diagonal of `D`, none negative, one a row. Rows of weight zero cost nothing.
  ///   - border: `f`, one a row, zero where the weight is.
  ///   - precision: twice as fast in single; weights then have to be within 1e-30 and 1e30.
  package func setGram(
    of a: DenseMatrix, weights: UnsafePointer<Double>, border: UnsafePointer<Double>?,
    precision: Precision = .double
  ) {
    precondition(a.columnCount + (border == nil ? 0 : 1) == size, "the matrix fits its equations")
    if precision == .single { return setSingleGram(of: a, weights: weights, border: border) }
    matrix.update(repeating: 0)
    guard size > 0, let target = matrix.baseAddress, let block = block.baseAddress else { return }
    fill(block, a, weights, border) { filled in
      cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(size), Int32(filled), 1, block, Int32(size),
        1, target, Int32(size))
    }
  }

  private func setSingleGram(
    of a: DenseMatrix, weights: UnsafePointer<Double>, border: UnsafePointer<Double>?
  ) {
    hasSingle = true
    guard size > 0, let block = single.baseAddress else { return }
    let product = block + blockRows * size
    product.update(repeating: 0, count: size * size)
    fill(block, a, weights, border) { filled in
      cblas_ssyrk(
        CblasRowMajor, CblasUpper, CblasTrans, Int32(size), Int32(filled), 1, block, Int32(size),
        1, product, Int32(size))
    }
    for place in matrix.indices { matrix[place] = Double(product[place]) }
  }

  /// Puts the weighed rows into `block`, as many at a time as fit, and has each filling added.
  @inline(__always)
  private func fill<Element: BinaryFloatingPoint>(
    _ block: UnsafeMutablePointer<Element>, _ a: DenseMatrix, _ weights: UnsafePointer<Double>,
    _ border: UnsafePointer<Double>?, add: (_ filled: Int) -> Void
  ) {
    a.values.withUnsafeBufferPointer { values in
      guard let values = values.baseAddress else { return }
      var filled = 0
      for row in 0..<a.rowCount where weights[row] > 0 {
        let root = weights[row].squareRoot()
        let source = values + row &* a.columnCount
        let scaled = block + filled &* size
        for column in 0..<a.columnCount { scaled[column] = Element(source[column] * root) }
        if let border { scaled[a.columnCount] = Element(border[row] / root) }
        filled += 1
        if filled == blockRows {
          add(filled)
          filled = 0
        }
      }
      if filled > 0 { add(filled) }
    }
  }

  /// Adds `scale` times a matrix of the same size to the leading part.
  package func add(_ other: SymmetricMatrix, scale: Double) {
    precondition(other.size <= size, "the matrix fits its equations")
    for row in 0..<other.size {
      for column in row..<other.size {
        matrix[row &* size &+ column] += scale * other.values[row &* other.size &+ column]
      }
    }
  }

  /// Factors the matrix, made regular where it is not by a multiple of the unit matrix: first 1e-14
  /// of the mean diagonal, a hundred times more after each failure.
  ///
  /// - Returns: false where the matrix is not finite, or eight attempts failed.
  package func factorize() -> Bool {
    guard size > 0 else { return true }
    var trace = 0.0
    for place in 0..<size { trace += matrix[place &* size &+ place] }
    guard trace.isFinite else { return false }
    let mean = max(trace / Double(size), .leastNormalMagnitude)
    var shift = 1e-14 * mean
    for _ in 0..<8 {
      _ = factor.update(fromContentsOf: matrix)
      for place in 0..<size { factor[place &* size &+ place] += shift }
      var (order, info) = (Int32(size), Int32(0))
      dpotrf_("L", &order, factor.baseAddress, &order, &info)
      if info == 0 { return true }
      shift *= 100
    }
    return false
  }

  /// A lower bound of the factored matrix's condition: the spread of the factor's diagonal, squared.
  package var conditionBound: Double {
    var (least, most) = (Double.infinity, 0.0)
    for place in 0..<size {
      let entry = abs(factor[place &* size &+ place])
      least = min(least, entry)
      most = max(most, entry)
    }
    return size == 0 ? 1 : (most / least) * (most / least)
  }

  /// Solves with the factor, and refines once with the matrix itself.
  package func solve(
    _ right: UnsafePointer<Double>, into solution: UnsafeMutablePointer<Double>
  ) {
    guard size > 0, let residual = correction.baseAddress else { return }
    let order = Int32(size)
    solution.update(from: right, count: size)
    substitute(solution)
    residual.update(from: right, count: size)
    cblas_dsymv(
      CblasRowMajor, CblasUpper, order, -1, matrix.baseAddress, order, solution, 1, 1, residual, 1)
    substitute(residual)
    for place in 0..<size { solution[place] += residual[place] }
  }

  private func substitute(_ vector: UnsafeMutablePointer<Double>) {
    let order = Int32(size)
    cblas_dtrsv(
      CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, order, factor.baseAddress, order,
      vector, 1)
    cblas_dtrsv(
      CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, order, factor.baseAddress, order, vector,
      1)
  }
}
