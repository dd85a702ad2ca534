import LinearAlgebra

/// A convex program in `Double`, with few entries and many rows, as the layers of a network give rise
/// to:
///
///     minimise  z'Hz / 2 + c'z + sum_j u_j (a_j z - b_j)_+ + constant
///
/// `u_j` is what an excess over `b_j` costs; an infinite one forbids it. The duals are `0 <= y <= u`
/// with `Hz + c + A'y = 0`.
public struct HingeProgram: Sendable, Equatable {
  /// `H`, positive semidefinite; `nil` for none.
  public let quadratic: SymmetricMatrix?
  /// `c`, one entry a column.
  public let objective: [Double]
  public let constant: Double
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
    /// Of the entries of the point that the matrix multiplies.
    public var column: Double
    /// Of the objective.
    public var objective: Double

    public init(row: Double, column: Double, objective: Double) {
      precondition(
        [row, column, objective].allSatisfy { $0 > 0 && $0.isFinite },
        "units are positive: \(row), \(column), \(objective)")
      self.row = row
      self.column = column
      self.objective = objective
    }
  }

  /// - Precondition: counts agree, penalties are positive, everything else is finite.
  public init(
    quadratic: SymmetricMatrix? = nil, objective: [Double], constant: Double = 0,
    rows: ProgramRows, limits: [Double],
    penalties: [Double], start: Start? = nil, units: Units? = nil
  ) {
    precondition(objective.count == rows.columnCount, "one cost a column")
    precondition(
      quadratic.map { $0.size == objective.count && rows.margins == nil } ?? true,
      "H has a row a column, and rows then have no margins")
    precondition(limits.count == rows.count && penalties.count == rows.count, "one number a row")
    precondition(
      objective.allSatisfy(\.isFinite) && limits.allSatisfy(\.isFinite)
        && rows.matrix.values.allSatisfy(\.isFinite)
        && (quadratic?.values.allSatisfy(\.isFinite) ?? true),
      "the numbers of a program are finite")
    precondition(penalties.allSatisfy { $0 > 0 }, "penalties are positive")
    self.quadratic = quadratic
    self.objective = objective
    self.constant = constant
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

  /// `z'Hz / 2 + c'z + constant`
  public func smoothObjective(at point: [Double]) -> Double {
    zip(objective, point).reduce(constant) { $0 + $1.0 * $1.1 }
      + (quadratic.map { $0.product(point, point) / 2 } ?? 0)
  }

  /// `Hz + c + A'y`, zero where `y` are duals of `z`.
  public func stationarity(at point: [Double], _ duals: [Double]) -> [Double] {
    var gradient = rows.applyAdjoint(duals)
    for column in gradient.indices { gradient[column] += objective[column] }
    if let quadratic {
      for column in gradient.indices {
        for other in gradient.indices {
          gradient[column] += quadratic[column, other] * point[other]
        }
      }
    }
    return gradient
  }
}

extension HingeProgram {
  /// What an entry of the point is measured in: for `d`, what the largest margin makes a row's unit.
  func unit(ofColumn column: Int) -> Double {
    column < rows.matrix.columnCount ? units.column : Self.marginUnit(rows, row: units.row)
  }

  private static func marginUnit(_ rows: ProgramRows, row: Double) -> Double {
    let largest = (rows.margins ?? []).reduce(0) { max($0, abs($1)) }
    return largest > 0 ? row / largest : 1
  }

  private static func units(
    quadratic: SymmetricMatrix?, objective: [Double], rows: ProgramRows, limits: [Double],
    penalties: [Double]
  ) -> Units {
    func orOne(_ size: Double) -> Double { size > 0 && size.isFinite ? size : 1 }
    let row = orOne(limits.prefix(rows.boundsStart).reduce(0) { max($0, abs($1)) })
    let column = row / orOne(rows.matrix.largestMagnitude)
    var cost = row * penalties.reduce(0) { $1.isFinite ? max($0, $1) : $0 }
    if cost == 0 {
      for place in objective.indices {
        let unit = place < rows.matrix.columnCount ? column : marginUnit(rows, row: row)
        cost = max(cost, abs(objective[place]) * unit)
      }
      if let quadratic { cost = max(cost, quadratic.meanDiagonal * column * column) }
    }
    return Units(row: row, column: column, objective: orOne(cost))
  }
}
