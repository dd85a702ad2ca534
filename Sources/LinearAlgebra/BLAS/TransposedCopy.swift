import Synchronization

/// A matrix once more with rows for columns, made when it is first asked for and kept: products of
/// few rows with a transposed matrix are slow, but a map that is only built and looked at, as at an
/// upload, should not take twice the memory.
public final class TransposedCopy: Sendable {
  private let matrix: [Float]
  private let blocks: Int
  private let rows: Int
  private let columns: Int
  private let copy = Mutex<[Float]>([])

  /// - Parameters:
  ///   - matrix: `blocks` matrices `[rows, columns]` one after the other, row-major.
  public init(of matrix: [Float], blocks: Int = 1, rows: Int, columns: Int) {
    precondition(matrix.count == blocks * rows * columns, "the matrix fits its extents")
    self.matrix = matrix
    self.blocks = blocks
    self.rows = rows
    self.columns = columns
  }

  /// Each block as `[columns, rows]`.
  public var values: [Float] {
    copy.withLock { copy in
      if copy.count != matrix.count { copy = transposed() }
      return copy
    }
  }

  private func transposed() -> [Float] {
    if blocks == 1 { return matrix.transposed(rows: rows, columns: columns) }
    let size = rows * columns
    return (0..<blocks).flatMap { block in
      Array(matrix[block * size..<(block + 1) * size]).transposed(rows: rows, columns: columns)
    }
  }
}
