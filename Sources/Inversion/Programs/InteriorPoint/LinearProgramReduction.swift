import LinearAlgebra

/// A linear program as one of hinges, all of them forbidden, with equations and rank deficiencies
/// taken out: `x = scale (base + T w)`, where `w` is sought and nothing but rounding is left of the
/// equations.
struct LinearProgramReduction {
  enum Outcome {
    case reduced(LinearProgramReduction)
    /// Bounds cross, or equations contradict each other.
    case contradiction
  }

  let program: HingeProgram
  /// Along some direction that no row sees, the objective falls for ever.
  let hasFreeDescent: Bool

  private let original: LinearProgram
  private let scaling: LinearProgramScaling
  private let base: [Double]
  /// `T`; `nil` for the unit matrix.
  private let directions: DenseMatrix?
  /// Rows of the original whose bounds are equal.
  private let equations: [Int]
  /// What the rows of the program's matrix were in the original.
  private let sources: [Source]

  private enum Source {
    case row(Int)
    case column(Int)
  }

  /// Below this share of the longest row, what pivoting leaves of a row is rounding.
  private static let rankTolerance = 1e-11
  /// By how much equations may miss their values, relative to the numbers in them.
  private static let equationTolerance = 1e-9

  static func reduce(_ original: LinearProgram) -> Outcome {
    let crossed = (original.rowBounds + original.columnBounds).contains {
      $0.lower > $0.upper || $0.lower == .infinity || $0.upper == -.infinity
    }
    if crossed { return .contradiction }
    let scaling = LinearProgramScaling(original)
    let bounds = scaling.rowBounds
    let equations = bounds.indices.filter { bounds[$0].lower == bounds[$0].upper }
    let inequalities = bounds.indices.filter {
      bounds[$0].lower != bounds[$0].upper
        && (bounds[$0].lower.isFinite || bounds[$0].upper.isFinite)
    }

    // Fixed columns are equations too.
    let columnBounds = scaling.columnBounds
    let fixed = columnBounds.indices.filter { columnBounds[$0].lower == columnBounds[$0].upper }
    let width = original.columnCount
    var left = scaling.matrix.selecting(rows: equations).values
    for column in fixed { left.append(contentsOf: (0..<width).map { $0 == column ? 1 : 0 }) }
    let right = equations.map { bounds[$0].lower } + fixed.map { columnBounds[$0].lower }

    var base = [Double](repeating: 0, count: width)
    var directions: DenseMatrix?
    if !right.isEmpty {
      let system = DenseMatrix(rowCount: right.count, columnCount: width, values: left)
      base = system.leastSquares(right, tolerance: rankTolerance).x
      let size = right.reduce(1) { max($0, abs($1)) }
      let misses = zip(system.apply(base), right).map { abs($0 - $1) }
      if (misses.max() ?? 0) > equationTolerance * size { return .contradiction }
      directions = RowSpace(of: system, tolerance: rankTolerance).complement
    }
    let reduction = LinearProgramReduction(
      original, scaling, base: base, directions: directions, equations: equations,
      inequalities: inequalities)
    return reduction.map { .reduced($0) } ?? .contradiction
  }

  /// `nil` where a row that the equations determine does not allow what they make of it.
  private init?(
    _ original: LinearProgram, _ scaling: LinearProgramScaling, base: [Double],
    directions equationDirections: DenseMatrix?, equations: [Int], inequalities: [Int]
  ) {
    self.original = original
    self.scaling = scaling
    self.base = base
    self.equations = equations
    let width = original.columnCount
    let columnBounds = scaling.columnBounds
    let size = base.reduce(1) { max($0, abs($1)) }
    let bounded = columnBounds.indices.filter {
      columnBounds[$0].lower < columnBounds[$0].upper
        && (columnBounds[$0].lower.isFinite || columnBounds[$0].upper.isFinite)
    }

    let steepest = scaling.objective.reduce(0) { max($0, abs($1)) }

    // Everything that bounds `w`, a row each, and the directions that these rows see.
    var directions = equationDirections
    var hasFreeDescent = false
    let selected = scaling.matrix.selecting(rows: inequalities)
    if directions != nil || bounded.count < width {
      var seen = selected.values
      for column in bounded { seen.append(contentsOf: (0..<width).map { $0 == column ? 1 : 0 }) }
      var sight = DenseMatrix(
        rowCount: inequalities.count + bounded.count, columnCount: width, values: seen)
      if let directions { sight = sight.times(directions) }
      let space = RowSpace(of: sight, tolerance: Self.rankTolerance)
      let slopes = directions.map { $0.applyAdjoint(scaling.objective) } ?? scaling.objective
      hasFreeDescent = space.complement.applyAdjoint(slopes)
        .contains { abs($0) > Self.equationTolerance * steepest }
      if space.rank < sight.columnCount {
        directions = directions?.times(space.basis) ?? space.basis
      }
    }
    self.directions = directions
    self.hasFreeDescent = hasFreeDescent

    let image = selected.apply(base)
    var ends = inequalities.indices.map {
      scaling.rowBounds[inequalities[$0]].shifted(by: -image[$0])
    }
    var sources = inequalities.map { Source.row($0) }
    var matrix = selected
    var floors: [Int] = []
    var ceilings: [Int] = []
    if let directions {
      // A column is a row of `T`.
      let columns = directions.selecting(rows: bounded)
      let products = selected.times(directions)
      matrix = DenseMatrix(
        rowCount: products.rowCount + columns.rowCount, columnCount: directions.columnCount,
        values: products.values + columns.values)
      ends += bounded.map { columnBounds[$0].shifted(by: -base[$0]) }
      sources += bounded.map { Source.column($0) }
    } else {
      floors = bounded.filter { columnBounds[$0].lower.isFinite }
      ceilings = bounded.filter { columnBounds[$0].upper.isFinite }
    }
    // Rows of which the equations left nothing bind no more; what they asked has been answered.
    var rest: [Int] = []
    for row in sources.indices {
      if (0..<matrix.columnCount).contains(where: { abs(matrix[row, $0]) > Self.rankTolerance }) {
        rest.append(row)
      } else if ends[row].violation(of: 0) > Self.equationTolerance * size {
        return nil
      }
    }
    matrix = matrix.selecting(rows: rest)
    ends = rest.map { ends[$0] }
    self.sources = rest.map { sources[$0] }
    let upper = ends.indices.filter { ends[$0].upper.isFinite }
    let lower = ends.indices.filter { ends[$0].lower.isFinite }
    let rows = ProgramRows(
      matrix: matrix, upper: upper, lower: lower, floors: floors, ceilings: ceilings)
    let limits =
      upper.map { ends[$0].upper } + lower.map { -ends[$0].lower }
      + floors.map { -columnBounds[$0].lower } + ceilings.map { columnBounds[$0].upper }
    // What equations and objective share cancels but for its rounding, which is no slope.
    let objective = directions.map { directions in
      directions.applyAdjoint(scaling.objective)
        .map { abs($0) > Self.rankTolerance * steepest ? $0 : 0 }
    }
    program = HingeProgram(
      objective: objective ?? scaling.objective, rows: rows, limits: limits,
      penalties: Array(repeating: .infinity, count: rows.count))
  }

  /// `x` of a point of the reduced program.
  func point(_ w: [Double]) -> [Double] {
    let moved = directions?.apply(w) ?? w
    return scaling.point(zip(base, moved).map { $0 + $1 })
  }

  /// Duals of the original's rows from those of the reduced program. Those of equations are what
  /// makes the columns' costs come out, as nearly as they can.
  func rowDuals(_ duals: [Double]) -> [Double] {
    let rows = program.rows
    var prices = [Double](repeating: 0, count: original.rowCount)
    var columnPrices = [Double](repeating: 0, count: original.columnCount)
    let columnBounds = scaling.columnBounds
    func add(_ price: Double, toRow row: Int) {
      switch sources[row] {
      case .row(let row): prices[row] += price
      case .column(let column): columnPrices[column] += price
      }
    }
    for (place, row) in rows.upper.enumerated() { add(-duals[place], toRow: row) }
    for (place, row) in rows.lower.enumerated() { add(duals[rows.upper.count + place], toRow: row) }
    for (place, column) in rows.floors.enumerated() {
      columnPrices[column] += duals[rows.boundsStart + place]
    }
    for (place, column) in rows.ceilings.enumerated() {
      columnPrices[column] -= duals[rows.boundsStart + rows.floors.count + place]
    }
    if !equations.isEmpty {
      let paid = scaling.matrix.applyAdjoint(prices)
      // The price of a fixed column is whatever it has to be.
      let open = columnBounds.indices.filter { columnBounds[$0].lower != columnBounds[$0].upper }
      let missing = open.map { scaling.objective[$0] - paid[$0] - columnPrices[$0] }
      let system = scaling.matrix.selecting(rows: equations).selecting(columns: open).transpose
      let found = system.leastSquares(missing, tolerance: Self.rankTolerance).x
      for (place, row) in equations.enumerated() { prices[row] = found[place] }
    }
    return scaling.rowDuals(prices)
  }
}

extension LinearProgram.Bounds {
  fileprivate func shifted(by amount: Double) -> LinearProgram.Bounds {
    LinearProgram.Bounds(lower: lower + amount, upper: upper + amount)
  }
}
