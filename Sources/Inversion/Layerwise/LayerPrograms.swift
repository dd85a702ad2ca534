import LinearAlgebra
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The largest error of a row made as small as it can be (Lei et al. 2019, algorithm 1). A unit
/// counts as on above the tolerance; a tolerance below what the optimum needs grows by a factor.
///
/// The published algorithm bounds the error by the tolerance within the program, and grows it until
/// the program is feasible; here the program has no such bound, and its optimum is compared with the
/// tolerance afterwards, which saves the programs that are not. The tolerance starts anew at each
/// layer, from the errors of what the layer gave.
struct SupremumFit: LayerMethod {
  static let type = "linf_lp"
  var engine = LayerEngine()
  var growth = 1.2
  var needsMatrix: Bool { true }
  private static let programsMax = 60

  func estimate(_ task: LayerTask) throws(LayerFailure) -> LayerEstimate {
    var factor = 1.0
    var iterations = 0
    while true {
      let rows = task.rows(widenedBy: factor)
      let tolerance = LayerRows.activeDeviations * rows.typicalDeviation
      let solution = try engine.solve(
        try task.equations(rows), task.control, LayerProgram.supremum)
      iterations += solution.iterationCount
      let error = solution.point.last ?? 0
      let isEnough = error <= tolerance * (1 + 1e-6) || rows.known.isEmpty
      if isEnough || factor > pow(growth, Double(Self.programsMax)) {
        return task.crossedOver(
          Array(solution.point.dropLast()), rows,
          .init(solution, engine: engine, iterations: iterations, tolerance: tolerance))
      }
      factor *= growth
    }
  }
}

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

extension LayerTask {
  private static let programsMax = 60

  /// The solution whose outputs come nearest, of programs with a growing tolerance, up to the first
  /// that is worse.
  ///
  /// - Parameter first: the tolerance of the first, in units of what a unit that is on has to exceed.
  fileprivate func bestOfGrowing(
    _ growth: Double, first: Double = 1,
    _ solve: (LayerRows) throws(LayerFailure) -> ProgramSolution,
    report: (_ solution: ProgramSolution, _ iterations: Int, _ tolerance: Double) ->
      LayerReport.ProgramReport
  ) throws(LayerFailure) -> LayerEstimate {
    var best: (fit: Double, rows: LayerRows, solution: ProgramSolution)?
    var iterations = 0
    var factor = first
    let enough = outputs.reduce(0) { $0 + abs($1) } * 16 * rounding
    for _ in 0..<Self.programsMax {
      let rows = rows(widenedBy: factor)
      let solution = try solve(rows)
      iterations += solution.iterationCount
      let fit = outputError(of: solution.point)
      if let best, fit >= best.fit { break }
      best = (fit, rows, solution)
      if fit <= enough { break }
      factor *= growth
    }
    guard let best else { throw LayerFailure(reason: "no program was solved") }
    return crossedOver(
      best.solution.point, best.rows,
      report(
        best.solution, iterations, LayerRows.activeDeviations * best.rows.typicalDeviation))
  }

  /// `sum_j |phi(W x + b)_j - y_j|`
  private func outputError(of x: [Double]) -> Double {
    let product = weights.apply(x)
    return product.indices.reduce(0) {
      let input = product[$1] + layer.offset[$1]
      let value =
        layer.activation.map { $0.preciseValue(at: input) ?? Double($0.value(at: Float(input))) }
        ?? input
      return $0 + abs(value - outputs[$1])
    }
  }

  /// An exact solution on the support in the place of a program's, where there is no noise and it
  /// fits no worse.
  ///
  /// - Parameters:
  ///   - isNonnegative: whether the method keeps the inputs from falling below zero; `nil` for what the
  ///     layer says.
  ///   - makesSquaresSmall: whether the method makes the sum of squares small, whose solution with noise
  ///     is that of least squares on its support, too.
  func crossedOver(
    _ inputs: [Double], _ rows: LayerRows, _ program: LayerReport.ProgramReport,
    isNonnegative: Bool? = nil, makesSquaresSmall: Bool = false
  ) -> LayerEstimate {
    let isNonnegative = isNonnegative ?? self.isNonnegative
    let inputs = isNonnegative ? Self.withoutDust(inputs) : inputs
    guard isExact || makesSquaresSmall, let known = KnownRows(self, rows),
      let exact = Crossover(rows: known, isNonnegative: isNonnegative)
        .refined(inputs),
      known.relativeResidual(of: exact) <= max(known.relativeResidual(of: inputs), 1e-9),
      rows.violation(of: weights.apply(exact))
        <= max(rows.violation(of: weights.apply(inputs)), 10 * rows.typicalDeviation)
    else {
      return LayerEstimate(
        inputs: inputs, report: LayerReport(self, inputs: inputs, rows: rows, program: program))
    }
    var report = LayerReport(self, inputs: exact, rows: rows, program: program)
    report.isCrossedOver = true
    return LayerEstimate(inputs: exact, report: report)
  }

  /// What an interior point leaves of a zero.
  private static func withoutDust(_ inputs: [Double]) -> [Double] {
    let largest = inputs.reduce(0, max)
    return inputs.map { $0 > 1e-9 * largest ? $0 : 0 }
  }
}
