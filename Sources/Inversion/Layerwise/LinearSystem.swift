import LinearAlgebra

/// The rows whose units are on are equations, solved by least squares with each row in units of its
/// own error (Lei et al. 2019, theorem 2). With fewer equations than inputs the shortest solution is
/// named, which is one of many.
struct LinearSystem: LayerMethod {
  static let type = "linear_system"
  var needsMatrix: Bool { false }

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    let solution =
      KnownRows(task)?.leastSquares()
      ?? DenseMatrix.LeastSquaresSolution(x: task.leastSquaresByProducts(), rank: 0)
    let inputs = task.isNonnegative ? solution.x.map { max($0, 0) } : solution.x
    var report = LayerReport(task, inputs: inputs)
    report.rank = task.weights.matrix == nil ? nil : solution.rank
    return LayerEstimate(inputs: inputs, report: report)
  }
}
