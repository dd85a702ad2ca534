/// What an engine found for a linear program, with certificates that do not depend on the engine.
///
/// An engine contributes a point, row duals and its status. Everything else is computed here from
/// the program itself, so that any claim of optimality can be checked against weak duality: with
/// `dualViolation` zero, no feasible point is cheaper than `dualObjective`.
public struct LinearProgramSolution: Sendable, Equatable {
  public enum Status: String, Sendable, Equatable, CaseIterable {
    case optimal
    case infeasible
    case unbounded
    case iterationLimit
    case timeLimit
    /// The engine came to no verdict: singular or ill-conditioned systems, no convergence.
    case numericalFailure
  }

  public let status: Status
  /// x; optimal when `status` says so, otherwise the engine's last point, or zeros.
  public let primal: [Double]
  /// y, the price of each row: positive where its lower bound binds, negative where its upper does.
  public let rowDual: [Double]
  /// c - A'y, computed from the program.
  public let columnDual: [Double]
  /// c'x.
  public let objective: Double
  /// What the bounds are worth at the duals' prices: the largest lower bound on c'x that `rowDual`
  /// gives. Prices that point at an absent bound are left out here and counted in `dualViolation`.
  public let dualObjective: Double
  /// The largest amount by which a row or a column leaves its bounds.
  public let primalViolation: Double
  /// The largest price put on a bound that does not exist.
  public let dualViolation: Double
  public let iterationCount: Int

  /// `objective - dualObjective`: not negative, up to rounding, when both sides are feasible.
  public var gap: Double { objective - dualObjective }

  /// The gap's size in units of the objectives' own.
  public var relativeGap: Double {
    abs(gap) / (1 + max(abs(objective), abs(dualObjective)))
  }

  /// - Parameters:
  ///   - primal: One entry a column.
  ///   - rowDual: One entry a row.
  public init(
    of program: LinearProgram, status: Status, primal: [Double], rowDual: [Double],
    iterationCount: Int
  ) {
    self.status = status
    self.primal = primal
    self.rowDual = rowDual
    self.iterationCount = iterationCount
    columnDual = program.reducedCosts(at: rowDual)
    objective = program.objectiveValue(at: primal)

    let rowViolations = zip(program.rowBounds, program.rowValues(at: primal))
      .map { $0.violation(of: $1) }
    let columnViolations = zip(program.columnBounds, primal).map { $0.violation(of: $1) }
    primalViolation = (rowViolations + columnViolations).max() ?? 0

    let prices = rowDual + columnDual
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
    dualObjective = worth
    dualViolation = unpaid
  }
}
