/// The sum of the errors made as small as it can be (Lei et al. 2019, algorithm 2). The tolerance
/// above which a unit counts as on grows as long as the layer's outputs are met better by it.
struct AbsoluteFit: LayerMethod {
  static let type = "l1_lp"
  var engine = LayerEngine()
  var growth = 1.2
  var needsMatrix: Bool { true }

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    try task.bestOfGrowing(growth) { rows throws(LayerFailure) in
      try engine.solve(try task.equations(rows), task.control, LayerProgram.absolute)
    } report: {
      .init($0, engine: engine, iterations: $1, tolerance: $2)
    }
  }
}
