import LinearAlgebra

/// From an optimal point inside a face to one where everything that binds does so to the last digit:
/// the crossover of a program without a quadratic part.
///
/// Rows that bind are taken for equations. A point that an interior-point method found meets them to
/// nine digits, the nearest point that solves them to all; where they determine it, it is a vertex.
package struct BasicSolution: Sendable, Equatable {
  /// At the basic point, with the duals of the rows that bind alone.
  package let solution: ProgramSolution
  /// Whether the rows that bind leave no other point.
  package let isVertex: Bool

  /// By how much the basic point may be dearer or break rows more, in the program's units: rounding.
  private static let rounding = 1e-12

  /// - Parameters:
  ///   - solution: optimal, from whatever engine.
  /// - Returns: `nil` where the program is quadratic, the solution not optimal, or the basic point
  ///   would be infeasible or dearer.
  package init?(_ solution: ProgramSolution, of program: HingeProgram) {
    guard program.quadratic == nil, solution.status == .optimal else { return nil }
    let face = Face(of: program, at: solution)
    guard let (point, rank) = face.nearestPoint(to: solution.point) else { return nil }
    let duals = face.nearestDuals(to: solution.rowDuals)
    func claim(_ duals: [Double]) -> ProgramSolution {
      ProgramSolution(
        of: program, status: .optimal, point: point, rowDuals: duals,
        iterationCount: solution.iterationCount)
    }
    let exact = claim(duals)
    let chosen =
      exact.dualViolation <= solution.dualViolation + Self.rounding * program.units.objective
      ? exact : claim(solution.rowDuals)
    let (row, cost) = (program.units.row, program.units.objective)
    guard
      chosen.primalViolation <= max(solution.primalViolation, Self.rounding * row),
      chosen.objective <= solution.objective + Self.rounding * max(cost, abs(solution.objective))
    else { return nil }
    self.solution = chosen
    isVertex = rank == program.rows.columnCount
  }
}

/// The rows that bind at a point, and what the others are worth there.
private struct Face {
  let program: HingeProgram
  /// Places among the program's rows.
  let binding: [Int]
  /// The binding rows, of the length of one, and their limits.
  let matrix: DenseMatrix
  let limits: [Double]
  private let lengths: [Double]
  /// What duals of rows that do not bind are: zero inside, the penalty beyond.
  private let fixedDuals: [Double]

  private static let rankTolerance = 1e-11

  init(of program: HingeProgram, at solution: ProgramSolution) {
    self.program = program
    let excesses = zip(program.rows.apply(solution.point), program.limits).map { $0 - $1 }
    let boundsStart = program.rows.boundsStart
    var binding: [Int] = []
    var fixedDuals = [Double](repeating: 0, count: excesses.count)
    for (row, excess) in excesses.enumerated() {
      let dual = solution.rowDuals[row]
      let penalty = program.penalties[row]
      let inside = min(dual, penalty - dual)
      // Both in the program's units.
      let unit = row < boundsStart ? program.units.row : program.units.column
      if inside * unit / program.units.objective > abs(excess) / unit {
        binding.append(row)
      } else if penalty.isFinite, dual > penalty - dual {
        fixedDuals[row] = penalty
      }
    }
    let rows = program.rows.dense.selecting(rows: binding)
    let lengths = (0..<rows.rowCount).map { row in
      let sum = (0..<rows.columnCount).reduce(0) { $0 + rows[row, $1] * rows[row, $1] }
      return sum > 0 ? sum.squareRoot() : 1
    }
    self.binding = binding
    self.fixedDuals = fixedDuals
    self.lengths = lengths
    matrix = rows.scaled(rows: lengths.map { 1 / $0 })
    limits = zip(binding, lengths).map { program.limits[$0] / $1 }
  }

  /// The nearest point where all rows hold as equations, and how many of them are independent; the
  /// second pass takes the rounding of the first away.
  func nearestPoint(to point: [Double]) -> (point: [Double], rank: Int)? {
    guard !binding.isEmpty else { return nil }
    var point = point
    var rank = 0
    for _ in 0..<2 {
      let misses = zip(limits, matrix.apply(point)).map { $0 - $1 }
      let correction = matrix.leastSquares(misses, tolerance: Self.rankTolerance)
      rank = correction.rank
      for column in point.indices { point[column] += correction.x[column] }
    }
    return (point, rank)
  }

  /// The nearest duals for which the program is stationary, zero or the penalty where nothing binds.
  func nearestDuals(to duals: [Double]) -> [Double] {
    var found = fixedDuals
    for row in binding { found[row] = duals[row] }
    let transpose = matrix.transpose
    for _ in 0..<2 {
      let slopes = program.stationarity(at: [], found)
      let correction = transpose.leastSquares(slopes, tolerance: Self.rankTolerance).x
      for (place, row) in binding.enumerated() { found[row] -= correction[place] / lengths[place] }
    }
    return found
  }
}

extension BasicSolution {
  /// The same of a linear program, whose rows and bounds are rows of one without hinges.
  package init?(_ solution: ProgramSolution, of program: LinearProgram) {
    let rows = ProgramRows(
      matrix: DenseMatrix(
        rowCount: program.rowCount, columnCount: program.columnCount, values: program.matrix),
      upper: program.rowBounds.indices.filter { program.rowBounds[$0].upper.isFinite },
      lower: program.rowBounds.indices.filter { program.rowBounds[$0].lower.isFinite },
      floors: program.columnBounds.indices.filter { program.columnBounds[$0].lower.isFinite },
      ceilings: program.columnBounds.indices.filter { program.columnBounds[$0].upper.isFinite })
    let columnDuals = program.reducedCosts(at: solution.rowDuals)
    let upperEnd = rows.upper.count
    let hinges = HingeProgram(
      objective: program.objective, rows: rows,
      limits: rows.upper.map { program.rowBounds[$0].upper }
        + rows.lower.map { -program.rowBounds[$0].lower }
        + rows.floors.map { -program.columnBounds[$0].lower }
        + rows.ceilings.map { program.columnBounds[$0].upper },
      penalties: Array(repeating: .infinity, count: rows.count))
    // A positive price is that of the lower end.
    let claim = ProgramSolution(
      of: hinges, status: solution.status, point: solution.point,
      rowDuals: rows.upper.map { max(0, -solution.rowDuals[$0]) }
        + rows.lower.map { max(0, solution.rowDuals[$0]) }
        + rows.floors.map { max(0, columnDuals[$0]) }
        + rows.ceilings.map { max(0, -columnDuals[$0]) },
      iterationCount: solution.iterationCount)
    guard let basic = BasicSolution(claim, of: hinges) else { return nil }
    var rowDuals = [Double](repeating: 0, count: program.rowCount)
    for (place, row) in rows.upper.enumerated() { rowDuals[row] -= basic.solution.rowDuals[place] }
    for (place, row) in rows.lower.enumerated() {
      rowDuals[row] += basic.solution.rowDuals[upperEnd + place]
    }
    self.solution = ProgramSolution(
      of: program, status: .optimal, point: basic.solution.point, rowDuals: rowDuals,
      iterationCount: solution.iterationCount)
    isVertex = basic.isVertex
  }
}
