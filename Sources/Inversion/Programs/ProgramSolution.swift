import LinearAlgebra

/// What an engine found for a program, with certificates that do not depend on the engine.
///
/// An engine contributes a point, row duals and its status. Everything else is computed here from
/// the program itself, so that any claim of optimality can be checked against weak duality: with
/// `dualViolation` zero, no feasible point is cheaper than `dualObjective`.
public struct ProgramSolution: Sendable, Equatable {
  public enum Status: String, Sendable, Equatable, CaseIterable {
    case optimal
    case infeasible
    case unbounded
    case iterationLimit
    case timeLimit
    case cancelled
    /// The engine came to no verdict: singular or ill-conditioned systems, no convergence.
    case numericalFailure
  }

  public let status: Status
  /// Optimal when `status` says so, otherwise the engine's last point, or zeros.
  public let point: [Double]
  /// The price of each row. Of a linear program: positive where its lower bound binds, negative where
  /// its upper does. Of a program with hinges: from 0 to the row's penalty.
  public let rowDuals: [Double]
  public let objective: Double
  /// The largest lower bound on the objective that `rowDuals` gives. Prices that point at an absent
  /// bound are left out here and counted in `dualViolation`.
  public let dualObjective: Double
  /// The largest amount by which a row or a column leaves its bounds.
  public let primalViolation: Double
  /// The largest price put on a bound that does not exist, or missing at a column that is free.
  public let dualViolation: Double
  public let iterationCount: Int
  /// In what differences of objectives are measured.
  let objectiveUnit: Double

  /// `objective - dualObjective`: not negative, up to rounding, when both sides are feasible.
  public var gap: Double { objective - dualObjective }

  /// The gap's size in units of the objectives' own.
  public var relativeGap: Double {
    abs(gap) / (objectiveUnit + max(abs(objective), abs(dualObjective)))
  }
}

extension ProgramSolution {
  /// - Parameters:
  ///   - point: One entry a column.
  ///   - rowDuals: One entry a row.
  public init(
    of program: LinearProgram, status: Status, point: [Double], rowDuals: [Double],
    iterationCount: Int
  ) {
    let columnDuals = program.reducedCosts(at: rowDuals)
    let rowViolations = zip(program.rowBounds, program.rowValues(at: point))
      .map { $0.violation(of: $1) }
    let columnViolations = zip(program.columnBounds, point).map { $0.violation(of: $1) }

    let prices = rowDuals + columnDuals
    let bounds = program.rowBounds + program.columnBounds
    var worth = 0.0
    var unpaid = 0.0
    for (price, bounds) in zip(prices, bounds) where price != 0 {
      let bound = price > 0 ? bounds.lower : bounds.upper
      if bound.isFinite {
        worth += price * bound
      } else {
        unpaid = max(unpaid, abs(price))
      }
    }
    self.init(
      status: status, point: point, rowDuals: rowDuals,
      objective: program.objectiveValue(at: point), dualObjective: worth,
      primalViolation: (rowViolations + columnViolations).max() ?? 0, dualViolation: unpaid,
      iterationCount: iterationCount, objectiveUnit: 1)
  }

  /// - Parameters:
  ///   - point: One entry a column.
  ///   - rowDuals: One entry a row; what lies outside of 0 to the penalty counts as a violation.
  public init(
    of program: HingeProgram, status: Status, point: [Double], rowDuals: [Double],
    iterationCount: Int
  ) {
    let excesses = zip(program.rows.apply(point), program.limits).map { $0 - $1 }
    var (hinges, broken, worth, unpaid) = (0.0, 0.0, 0.0, 0.0)
    for (row, excess) in excesses.enumerated() {
      let penalty = program.penalties[row]
      if penalty == .infinity {
        broken = max(broken, excess)
      } else if excess > 0 {
        hinges += penalty * excess
      }
      let price = min(max(rowDuals[row], 0), penalty)
      unpaid = max(unpaid, abs(rowDuals[row] - price))
      worth -= price * program.limits[row]
    }
    for entry in program.stationarity(at: point, rowDuals) { unpaid = max(unpaid, abs(entry)) }
    self.init(
      status: status, point: point, rowDuals: rowDuals,
      objective: program.smoothObjective(at: point) + hinges,
      dualObjective: worth + program.constant
        - (program.quadratic.map { $0.product(point, point) / 2 } ?? 0),
      primalViolation: broken, dualViolation: unpaid, iterationCount: iterationCount,
      objectiveUnit: program.units.objective)
  }
}
