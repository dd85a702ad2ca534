import COpenBLAS

/// Whether a matrix enters a product as it is or transposed.
public enum Transposition: Sendable {
  case none
  case transposed

  fileprivate var cblas: CBLAS_TRANSPOSE { self == .none ? CblasNoTrans : CblasTrans }
}

/// A row-major matrix inside somebody else's memory.
public struct MatrixView {
  public let base: UnsafePointer<Float>
  public let rows: Int
  public let columns: Int
  /// Numbers from one row to the next, at least `columns`.
  public let stride: Int

  /// - Parameter stride: by default, rows lie next to one another.
  public init(_ base: UnsafePointer<Float>, rows: Int, columns: Int, stride: Int? = nil) {
    self.base = base
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
  }
}

/// `c = scale * op(a) op(b) + keep * c`, all row-major; `c` has the product's shape.
///
/// - Parameter stride: numbers from one row of `c` to the next; by default its columns. What lies
///   between the rows is left alone.
public func multiply(
  _ a: MatrixView, _ transposeA: Transposition = .none, _ b: MatrixView,
  _ transposeB: Transposition = .none, into c: UnsafeMutablePointer<Float>, stride: Int? = nil,
  scale: Float = 1, keep: Float = 0
) {
  OpenBLAS.prepare()
  let rows = transposeA == .none ? a.rows : a.columns
  let inner = transposeA == .none ? a.columns : a.rows
  let columns = transposeB == .none ? b.columns : b.rows
  precondition(inner == (transposeB == .none ? b.rows : b.columns), "inner extents must agree")
  guard rows > 0, columns > 0 else { return }
  let stride = stride ?? columns
  guard inner > 0 else {
    for row in 0..<rows {
      for entry in row * stride..<row * stride + columns {
        c[entry] = keep == 0 ? 0 : keep * c[entry]
      }
    }
    return
  }
  if rows == 1, transposeA == .none {
    // One sample: matrix times vector is bound by memory, and skips packing.
    if transposeB == .transposed, inner >= 64, inner <= OpenBLAS.smallProductMax / 4 {
      // Products small enough to need no copies read long rows faster still (95 to 75 GB/s).
      return multiply(
        b, .none, MatrixView(a.base, rows: inner, columns: 1), into: c, scale: scale, keep: keep)
    }
    cblas_sgemv(
      CblasRowMajor, transposeB == .none ? CblasTrans : CblasNoTrans, Int32(b.rows),
      Int32(b.columns), scale, b.base, Int32(b.stride), a.base, 1, keep, c, 1)
    return
  }
  let tile = tile(rows, columns, inner, isPlain: transposeA == .none && transposeB == .none)
  for row in Swift.stride(from: 0, to: rows, by: tile.rows) {
    for column in Swift.stride(from: 0, to: columns, by: tile.columns) {
      cblas_sgemm(
        CblasRowMajor, transposeA.cblas, transposeB.cblas, Int32(min(tile.rows, rows - row)),
        Int32(min(tile.columns, columns - column)), Int32(inner), scale,
        a.base + row * (transposeA == .none ? a.stride : 1), Int32(a.stride),
        b.base + column * (transposeB == .none ? 1 : b.stride), Int32(b.stride), keep,
        c + row * stride + column, Int32(stride))
    }
  }
}

/// Rows and columns of the product that one call should compute.
///
/// OpenBLAS copies both matrices before it multiplies them, which costs as much as the product when
/// one of them is thin. Its kernels for AVX-512 multiply small matrices as they lie, where neither is
/// transposed: a thin product is cut into those (20 x 500 by 500 x 784: from 70 to 115 GFLOP/s).
private func tile(
  _ rows: Int, _ columns: Int, _ inner: Int, isPlain: Bool
) -> (rows: Int, columns: Int) {
  let entries = OpenBLAS.smallProductMax / inner
  guard isPlain, min(rows, columns) <= 64, rows * columns > entries else { return (rows, columns) }
  // Columns are what the kernels take by the vector.
  let width = columns <= 64 ? columns : entries / rows & ~15
  let height = columns <= 64 ? min(entries / columns, rows) : rows
  return width > 0 && height >= 4 ? (height, width) : (rows, columns)
}

/// The symmetric `a a^T` (or `a^T a`) of a row-major matrix, both triangles filled.
public func gram(
  _ a: MatrixView, _ transposition: Transposition = .none, into c: UnsafeMutablePointer<Float>
) {
  OpenBLAS.prepare()
  let size = transposition == .none ? a.rows : a.columns
  let inner = transposition == .none ? a.columns : a.rows
  guard inner > 0 else { return c.update(repeating: 0, count: size * size) }
  guard size > 0 else { return }
  cblas_ssyrk(
    CblasRowMajor, CblasUpper, transposition.cblas, Int32(size), Int32(inner), 1, a.base,
    Int32(a.stride), 0, c, Int32(size))
  for row in 0..<size {
    for column in 0..<row { c[row * size + column] = c[column * size + row] }
  }
}

/// The sum of the products of two vectors of `count` entries.
@inline(__always)
public func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  OpenBLAS.prepare()
  return cblas_sdot(Int32(count), a, 1, b, 1)
}

/// The sum of squares of a vector, in double precision. (OpenBLAS's `dsdot` would sum blocks of
/// it in single precision, where squares of 2e19 are infinite.)
public func sumOfSquares(_ values: some Collection<Float>) -> Double {
  values.withContiguousStorageIfAvailable(sumOfSquares)
    ?? values.reduce(0) { $0 + Double($1) * Double($1) }
}

private func sumOfSquares(_ values: UnsafeBufferPointer<Float>) -> Double {
  let whole = values.count & ~3
  var sums = SIMD4<Double>()
  for start in stride(from: 0, to: whole, by: 4) {
    let four = SIMD4<Double>(
      Double(values[start]), Double(values[start &+ 1]), Double(values[start &+ 2]),
      Double(values[start &+ 3]))
    sums += four * four
  }
  return values[whole...].reduce(sums.sum()) { $0 + Double($1) * Double($1) }
}
