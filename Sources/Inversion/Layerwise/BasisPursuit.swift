import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sparse inputs from the known rows alone (Aberdam et al. 2020, algorithm 1):
///
///     x = argmin |W_S x - v|^2 / 2 + l |x|_1
///
/// and least squares for the latent. The published `l` is twice a bound on the error of the outputs,
/// for columns of length one; here it is what that error does to a column, `sqrt(2 log k)` of its
/// deviations, and without noise a share of what the known rows show, small enough for the support
/// to be that of the limit.
struct BasisPursuit: LayerMethod {
  static let type = "layered_basis_pursuit"
  var engine = LayerEngine()
  var needsMatrix: Bool { true }
  private static let noiselessShare = 1e-7

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    guard task.place > 0 else { return try LinearSystem().estimate(task) }
    let rows = task.rows
    let known = rows.known
    guard let matrix = task.weights.matrix?.selecting(rows: known) else {
      throw LayerFailure(reason: "its matrix is not written down")
    }
    let values = known.map { rows.values[$0] }
    let correlation = matrix.applyAdjoint(values).reduce(0) { max($0, abs($1)) }
    guard correlation > 0 else {
      let zeros = [Double](repeating: 0, count: task.columnCount)
      return LayerEstimate(inputs: zeros, report: LayerReport(task, inputs: zeros))
    }
    let columnLength = (matrix.values.squareSum / Double(task.columnCount)).squareRoot()
    let noise =
      rows.typicalDeviation * columnLength
      * (2 * log(Double(max(task.columnCount, 2)))).squareRoot()
    let sparsity = task.isExact ? Self.noiselessShare * correlation : noise
    // Entries of either sign: as the difference of two that are not negative.
    let split = matrix.besideItsNegative()
    let equations = LayerEquations(
      matrix: split, values: values, isActive: known.map { _ in true },
      rowScales: known.map { _ in 1 }, isNonnegative: true)
    let solution = try engine.solve(equations, task.control) {
      LayerProgram.pursuit($0, weights: known.map { _ in 1 }, penalty: sparsity, ridge: 0)
    }
    let count = task.columnCount
    let inputs = (0..<count).map { solution.point[$0] - solution.point[count + $0] }
    return task.crossedOver(
      inputs, rows, .init(solution, engine: engine, iterations: solution.iterationCount),
      isNonnegative: false)
  }
}

extension DenseMatrix {
  /// `[A, -A]`
  fileprivate func besideItsNegative() -> DenseMatrix {
    var both: [Double] = []
    both.reserveCapacity(2 * values.count)
    for row in 0..<rowCount {
      let entries = values[row * columnCount..<(row + 1) * columnCount]
      both.append(contentsOf: entries)
      both.append(contentsOf: entries.lazy.map { -$0 })
    }
    return DenseMatrix(rowCount: rowCount, columnCount: 2 * columnCount, values: both)
  }
}
