/// A linear program in `Double`, small and dense, as the layers of a network give rise to:
///
///     minimise c'x   subject to   row bounds on A x,   column bounds on x.
public struct LinearProgram: Sendable, Equatable {
  /// What a row's value or a column may range over. An infinite end is no bound; a lower end above
  /// the upper one is allowed and makes the program infeasible.
  public struct Bounds: Sendable, Equatable {
    public var lower: Double
    public var upper: Double

    public init(lower: Double, upper: Double) {
      precondition(!lower.isNaN && !upper.isNaN, "a bound is not a number")
      self.lower = lower
      self.upper = upper
    }

    public static let free = Bounds(lower: -.infinity, upper: .infinity)
    public static let nonnegative = Bounds.atLeast(0)

    public static func atLeast(_ lower: Double) -> Bounds {
      Bounds(lower: lower, upper: .infinity)
    }

    public static func atMost(_ upper: Double) -> Bounds {
      Bounds(lower: -.infinity, upper: upper)
    }

    public static func equal(to value: Double) -> Bounds {
      Bounds(lower: value, upper: value)
    }

    /// By how much `value` lies outside; zero inside.
    public func violation(of value: Double) -> Double {
      max(lower - value, value - upper, 0)
    }
  }

  /// c, one entry a column.
  public let objective: [Double]
  /// A, row-major: entry (i, j) at `i * columnCount + j`.
  public let matrix: [Double]
  /// The range of each entry of A x.
  public let rowBounds: [Bounds]
  /// The range of each entry of x.
  public let columnBounds: [Bounds]

  public var columnCount: Int { objective.count }
  public var rowCount: Int { rowBounds.count }

  /// - Precondition: `objective` and `columnBounds` have the same count, `matrix` has
  ///   `rowBounds.count * objective.count` entries, and everything but bounds is finite.
  public init(
    objective: [Double], matrix: [Double], rowBounds: [Bounds], columnBounds: [Bounds]
  ) {
    precondition(
      columnBounds.count == objective.count,
      "\(columnBounds.count) column bounds for \(objective.count) columns")
    precondition(
      matrix.count == rowBounds.count * objective.count,
      "\(matrix.count) entries for \(rowBounds.count) rows of \(objective.count)")
    precondition(
      objective.allSatisfy(\.isFinite) && matrix.allSatisfy(\.isFinite),
      "the objective and the matrix of a linear program are finite")
    self.objective = objective
    self.matrix = matrix
    self.rowBounds = rowBounds
    self.columnBounds = columnBounds
  }

  /// c'x.
  public func objectiveValue(at x: [Double]) -> Double {
    precondition(x.count == columnCount, "\(x.count) entries for \(columnCount) columns")
    return zip(objective, x).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// A x.
  public func rowValues(at x: [Double]) -> [Double] {
    precondition(x.count == columnCount, "\(x.count) entries for \(columnCount) columns")
    return (0..<rowCount).map { i in
      let row = i * columnCount
      return (0..<columnCount).reduce(0) { $0 + matrix[row + $1] * x[$1] }
    }
  }

  /// c - A'y, what each column costs beyond what the row duals `y` pay for it.
  public func reducedCosts(at y: [Double]) -> [Double] {
    precondition(y.count == rowCount, "\(y.count) duals for \(rowCount) rows")
    var costs = objective
    for i in 0..<rowCount where y[i] != 0 {
      let row = i * columnCount
      for j in 0..<columnCount {
        costs[j] -= matrix[row + j] * y[i]
      }
    }
    return costs
  }
}
