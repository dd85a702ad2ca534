import LinearAlgebra

/// What a program is asked where the method itself came to no end. Both questions are programs of the
/// same kind that have an optimum whatever the one they ask about: a point and duals are known
/// beforehand.
struct FeasibilityPrograms {
  /// All rows, of the length of one in the units of the point's entries, and their limits.
  private let dense: DenseMatrix
  private let limits: [Double]
  private let penalties: [Double]
  private let objective: [Double]
  private let quadratic: SymmetricMatrix?

  /// What is above zero by less, in these units, is rounding.
  private static let tolerance = 1e-7

  init(_ program: HingeProgram) {
    let units = (0..<program.rows.columnCount).map { program.unit(ofColumn: $0) }
    let width = units.count
    var values = program.rows.dense.values
    var limits = program.limits
    var penalties = program.penalties
    for row in limits.indices {
      var size = 0.0
      for column in 0..<width {
        values[row * width + column] *= units[column]
        size = max(size, abs(values[row * width + column]))
      }
      if size == 0 { size = program.units.row }
      for column in 0..<width { values[row * width + column] /= size }
      limits[row] /= size
      penalties[row] *= size
    }
    dense = DenseMatrix(rowCount: limits.count, columnCount: width, values: values)
    self.limits = limits
    self.penalties = penalties
    objective = zip(program.objective, units).map { $0 * $1 }
    quadratic = program.quadratic.map { quadratic in
      var scaled = quadratic
      for row in 0..<width {
        for column in 0..<width { scaled[row, column] *= units[row] * units[column] }
      }
      return scaled
    }
  }

  /// The least `d` by which all forbidden rows can be missed, at least minus the largest limit:
  /// positive where they contradict each other. `d` is the point's last entry.
  var leastViolation: HingeProgram {
    let forbidden = penalties.indices.filter { penalties[$0] == .infinity }
    let rows = ProgramRows(
      matrix: dense.selecting(rows: forbidden),
      margins: Array(repeating: 1, count: forbidden.count),
      upper: Array(forbidden.indices), floors: [dense.columnCount])
    let bounds = forbidden.map { limits[$0] }
    return HingeProgram(
      objective: Array(repeating: 0, count: dense.columnCount) + [1], rows: rows,
      limits: bounds + [limitSize], penalties: Array(repeating: .infinity, count: rows.count))
  }

  /// The size of the forbidden rows' limits, at least 1.
  private var limitSize: Double {
    penalties.indices.reduce(1) { penalties[$1] == .infinity ? max($0, abs(limits[$1])) : $0 }
  }

  /// The steepest way down that no forbidden row ends, within a box: of value zero where there is
  /// none. Along it nothing may be curved: what is, costs more than any slope gains.
  var steepestRay: HingeProgram {
    let places = Array(objective.indices)
    let rows = ProgramRows(
      matrix: dense, upper: Array(0..<dense.rowCount), floors: places, ceilings: places)
    let stiff = quadratic.map { quadratic in
      let factor = 1e6 * steepest / max(quadratic.meanDiagonal, .leastNormalMagnitude)
      return SymmetricMatrix(size: quadratic.size, values: quadratic.values.map { $0 * factor })
    }
    return HingeProgram(
      quadratic: stiff, objective: objective, rows: rows,
      limits: Array(repeating: 0, count: dense.rowCount)
        + Array(repeating: 1, count: 2 * places.count),
      penalties: penalties + Array(repeating: .infinity, count: 2 * places.count))
  }

  /// Whether the duals of `leastViolation` contradict the rows: no point breaks all of them by less.
  func provesInfeasible(_ least: ProgramSolution) -> Bool {
    let threshold = Self.tolerance * limitSize
    return least.objective > threshold && least.dualObjective > threshold / 2
      && least.dualViolation < Self.tolerance
  }

  /// Whether the point of `steepestRay` descends by so much more than it breaks rows that only
  /// rounding can be at fault for these.
  func provesUnbounded(_ ray: ProgramSolution) -> Bool {
    let descent = -ray.objective / max(steepest, .leastNormalMagnitude)
    return descent > Self.tolerance && ray.primalViolation < 1e-2 * descent
  }

  /// The largest slope of the objective along an entry of the point.
  private var steepest: Double { objective.reduce(0) { max($0, abs($1)) } }
}
