import LinearAlgebra

/// A convex program in `Double`, with few entries and many rows, as the layers of a network give rise
/// to:
///
///     minimise  z'Hz / 2 + c'z + sum_j u_j (a_j z - b_j)_+
///
/// `u_j` is what an excess over `b_j` costs; an infinite one forbids it. The duals are `0 <= y <= u`
/// with `Hz + c + A'y = 0`.
public struct HingeProgram: Sendable, Equatable {
  /// `H`, positive semidefinite; `nil` for none.
  public let quadratic: SymmetricMatrix?
  /// `c`, one entry a column.
  public let objective: [Double]
  /// `A`
  public let rows: ProgramRows
  /// `b`, one a row.
  public let limits: [Double]
  /// `u`, one a row, positive.
  public let penalties: [Double]
  /// Where an interior-point method may set out; `nil` leaves it to the engine.
  public let start: Start?
  /// In what the program is measured.
  public let units: Units

  /// A point with all slacks, duals and excesses positive; they need not belong together.
  public struct Start: Sendable, Equatable {
    public var point: [Double]
    /// `s = b + t - A z`, one a row.
    public var slacks: [Double]
    /// `y`, one a row, below `u`.
    public var duals: [Double]
    /// `t`, one a row; of no meaning at forbidden excesses.
    public var excesses: [Double]

    public init(point: [Double], slacks: [Double], duals: [Double], excesses: [Double]) {
      self.point = point
      self.slacks = slacks
      self.duals = duals
      self.excesses = excesses
    }
  }

  /// The sizes that the numbers of a program have by themselves. Engines compute in these units, so
  /// that a program and its multiple have the same iterations.
  public struct Units: Sendable, Equatable {
    /// Of the limits of rows that are made of the matrix.
    public var row: Double
    /// Of the objective.
    public var objective: Double

    public init(row: Double, objective: Double) {
      precondition(row > 0 && row.isFinite && objective > 0 && objective.isFinite)
      self.row = row
      self.objective = objective
    }
  }

  /// - Precondition: counts agree, penalties are positive, everything else is finite.
  public init(
    quadratic: SymmetricMatrix? = nil, objective: [Double], rows: ProgramRows, limits: [Double],
    penalties: [Double], start: Start? = nil, units: Units? = nil
  ) {
    precondition(objective.count == rows.columnCount, "one cost a column")
    precondition(quadratic.map { $0.size == objective.count } ?? true, "H has a row a column")
    precondition(limits.count == rows.count && penalties.count == rows.count, "one number a row")
    precondition(
      objective.allSatisfy(\.isFinite) && limits.allSatisfy(\.isFinite)
        && rows.matrix.values.allSatisfy(\.isFinite)
        && (quadratic?.values.allSatisfy(\.isFinite) ?? true),
      "the numbers of a program are finite")
    precondition(penalties.allSatisfy { $0 > 0 }, "penalties are positive")
    self.quadratic = quadratic
    self.objective = objective
    self.rows = rows
    self.limits = limits
    self.penalties = penalties
    self.start = start
    self.units =
      units
      ?? Self.units(
        quadratic: quadratic, objective: objective, rows: rows, limits: limits, penalties: penalties
      )
  }

  /// Whether no excess is forgiven and nothing is quadratic.
  public var isLinear: Bool { quadratic == nil && penalties.allSatisfy { $0 == .infinity } }

  /// `z'Hz / 2 + c'z`
  public func smoothObjective(at point: [Double]) -> Double {
    zip(objective, point).reduce(0) { $0 + $1.0 * $1.1 }
      + (quadratic.map { $0.product(point, point) / 2 } ?? 0)
  }

  /// `Hz + c + A'y`, zero where `y` are duals of `z`.
  public func stationarity(at point: [Double], _ duals: [Double]) -> [Double] {
    var gradient = rows.applyAdjoint(duals)
    for column in gradient.indices { gradient[column] += objective[column] }
    if let quadratic {
      for column in gradient.indices {
        for other in point.indices { gradient[column] += quadratic[column, other] * point[other] }
      }
    }
    return gradient
  }
}

extension HingeProgram {
  /// What one unit of a column changes rows by a unit.
  func columnUnit(_ column: Int) -> Double {
    Self.columnUnit(column, rows, row: units.row)
  }

  private static func columnUnit(_ column: Int, _ rows: ProgramRows, row: Double) -> Double {
    let largest =
      column < rows.matrix.columnCount
      ? rows.matrix.largestMagnitude
      : (rows.margins ?? []).reduce(0) { max($0, abs($1)) }
    return largest > 0 ? row / largest : 1
  }

  private static func units(
    quadratic: SymmetricMatrix?, objective: [Double], rows: ProgramRows, limits: [Double],
    penalties: [Double]
  ) -> Units {
    let largest = limits.prefix(rows.boundsStart).reduce(0) { max($0, abs($1)) }
    let row = largest > 0 ? largest : 1
    let forgiving = penalties.prefix(rows.boundsStart).filter(\.isFinite)
    let column = columnUnit(0, rows, row: row)
    var cost = forgiving.reduce(0) { max($0, $1) } * row
    if cost == 0 {
      for place in objective.indices {
        let unit = place < rows.matrix.columnCount ? column : columnUnit(place, rows, row: row)
        cost = max(cost, abs(objective[place]) * unit)
      }
      if let quadratic { cost = max(cost, quadratic.meanDiagonal * column * column) }
    }
    return Units(row: row, objective: cost > 0 && cost.isFinite ? cost : 1)
  }
}
