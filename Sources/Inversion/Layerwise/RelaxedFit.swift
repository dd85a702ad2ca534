import Networks

/// Units pulled up as far as their outputs allow, without a word on which are on (Lei et al. 2019,
/// equation 8). The tolerance grows as long as the layer's outputs are met better by it.
struct RelaxedFit: LayerMethod {
  static let type = "relaxed_lp"
  var engine = LayerEngine()
  var growth = 1.2
  var needsMatrix: Bool { true }

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    guard task.layer.activation is ReLU else {
      // Without units that are off there is nothing to relax.
      return try AbsoluteFit(engine: engine, growth: growth).estimate(task)
    }
    // It takes no unit for on, so that the noise's own size will do to begin with.
    let first = task.isExact ? 1 : 1 / LayerRows.activeDeviations
    return try task.bestOfGrowing(growth, first: first) { rows throws(LayerFailure) in
      // All outputs as they are, those of units that are off too.
      var equations = try task.equations(rows)
      equations.values = zip(task.outputs, task.layer.offset).map { $0 - $1 }
      return try engine.solve(equations, task.control) {
        LayerProgram.relaxed(
          $0, signal: task.outputs, slack: LayerRows.activeDeviations * rows.typicalDeviation)
      }
    } report: {
      .init($0, engine: engine, iterations: $1, tolerance: $2)
    }
  }
}
