import LinearAlgebra

/// Sparse inputs that are not negative, from the known rows, with what the units that are off say
/// (Aberdam et al. 2020, algorithm 3):
///
///     last layer     argmin |D (W x - phi^-1(y))|^2 / 2 + l 1'x             x >= 0       (5)
///     hidden layers  argmin |D (W_S x - v_S)|^2 / 2 + l 1'x                 x >= 0, W_c x <= v_c   (6)
///     the latent     argmin |D (W_S z - v_S)|^2 / 2 + g |z|^2 / 2           W_c z <= v_c           (9)
///
/// with each row in units of its own error, `D`. The interior-point engine inverts a last activation
/// first, and weighs its rows by the slope there; the published iterations keep it, and know no `D`.
struct LatentPursuit: LayerMethod {
  static let type = "latent_pursuit"

  enum Engine: Sendable {
    case programs(LayerEngine)
    case firstOrder(FirstOrderPursuit)
  }

  var engine = Engine.programs(LayerEngine())
  /// `l`, as a share of the largest entry of `W_S'v_S`.
  var sparsity = 0.0
  /// `g`, as a share of the mean square of a column of `W_S`.
  var ridge = 0.0

  /// Whether the optional last step is taken.
  var debiases = false

  var needsMatrix: Bool { false }

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    guard !task.rows.known.isEmpty else {
      // Nothing tells the inputs from zero.
      let zeros = [Double](repeating: 0, count: task.columnCount)
      return LayerEstimate(inputs: zeros, report: LayerReport(task, inputs: zeros))
    }
    if case .programs = engine, task.isUnconstrained, sparsity == 0, ridge == 0 {
      return try LinearSystem().estimate(task)
    }
    if case .programs(let engine) = engine, task.weights.matrix != nil {
      return try estimate(task, engine)
    }
    if case .firstOrder(let iterations) = engine { return estimate(task, iterations) }
    return estimate(task, FirstOrderPursuit())
  }

  private func estimate(
    _ task: LayerTask, _ engine: LayerEngine
  ) throws(LayerFailure) -> LayerEstimate {
    let weights = task.rows.relativeWeights
    guard let known = KnownRows(task) else {
      throw LayerFailure(reason: "its matrix is not written down")
    }
    let correlation = known.matrix.applyAdjoint(known.values).reduce(0) { max($0, abs($1)) }
    let column = known.matrix.values.squareSum / Double(max(task.columnCount, 1))
    let solution = try engine.solve(try task.equations(task.rows), task.control) {
      LayerProgram.pursuit(
        $0, weights: weights, penalty: task.isNonnegative ? sparsity * correlation : 0,
        ridge: task.place == 0 ? ridge * column : 0)
    }
    return task.crossedOver(
      solution.point, task.rows,
      .init(solution, engine: engine, iterations: solution.iterationCount),
      makesSquaresSmall: true)
  }

  private func estimate(_ task: LayerTask, _ iterations: FirstOrderPursuit) -> LayerEstimate {
    let correlation = task.weights.applyAdjoint(
      task.rows.kinds.indices.map { task.rows.kinds[$0] == .known ? task.rows.values[$0] : 0 })
    let penalty =
      task.isNonnegative ? sparsity * correlation.reduce(0) { max($0, abs($1)) } : 0
    let isLast = task.isObserved && task.isNonnegative && task.rows.bounded.isEmpty
    let descent =
      isLast
      ? iterations.lastLayer(task, sparsity: penalty)
      : iterations.hiddenLayer(task, sparsity: penalty, ridge: task.place == 0 ? ridge : 0)
    var estimate = task.crossedOver(descent.x, task.rows, .init(descent))
    guard task.weights.matrix == nil, task.isExact else { return estimate }
    // Without a matrix, least squares on the support by products.
    let refit = task.leastSquaresByProducts(support: descent.x.map { $0 != 0 })
    let report = LayerReport(task, inputs: refit, program: .init(descent))
    let isFeasible = !task.isNonnegative || refit.allSatisfy { $0 >= 0 }
    if isFeasible, report.residual < estimate.report.residual {
      estimate = LayerEstimate(inputs: refit, report: report)
      estimate.report.isCrossedOver = true
    }
    return estimate
  }
}

extension LayerTask {
  /// Whether every row is an equation, and the inputs may be anything.
  fileprivate var isUnconstrained: Bool { rows.bounded.isEmpty && !isNonnegative }
}
