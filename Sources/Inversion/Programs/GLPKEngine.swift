import CGLPK
import LinearAlgebra

/// Solves linear programs with GLPK, through the guarded call of `CGLPK`.
///
/// Values of this type may be used from any number of threads at once: every call has a GLPK
/// environment of its own. A call that runs heeds its limits, but not a cancellation.
public struct GLPKEngine: ProgramEngine {
  public enum Method: String, Sendable, CaseIterable {
    /// Simplex; ends in a vertex. The one to take unless there is a reason not to.
    case simplex
    /// Interior point, heeding no limits; where it fails the simplex method decides.
    case interiorPoint
    /// Simplex, verified in rational arithmetic: slow, and immune to rounding.
    case exact
  }

  public let method: Method
  /// What stands for a program with hinges, and by which of the simplex methods.
  package let formulation: HingeFormulation
  package let variant: SimplexVariant

  public var name: String {
    switch method {
    case .simplex: "glpk_simplex"
    case .interiorPoint: "glpk_interior_point"
    case .exact: "glpk_exact"
    }
  }

  public init(method: Method = .simplex) {
    self.init(method: method, formulation: .cheaper, variant: .dual)
  }

  package init(method: Method, formulation: HingeFormulation, variant: SimplexVariant) {
    self.method = method
    self.formulation = formulation
    self.variant = variant
  }

  /// Which simplex method is tried first; the other one takes over where it fails.
  package enum SimplexVariant: String, Sendable, CaseIterable {
    case dual
    case primal
  }

  public func solve(
    _ program: LinearProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    let entries = Entries(of: program)
    guard
      let rowCount = Int32(exactly: program.rowCount),
      let columnCount = Int32(exactly: program.columnCount),
      let entryCount = Int32(exactly: entries.values.count)
    else {
      throw ProgramFailure(
        engine: name,
        reason: "\(program.rowCount) rows of \(program.columnCount) are more than GLPK can count")
    }
    var point = [Double](repeating: 0, count: program.columnCount)
    var rowDuals = [Double](repeating: 0, count: program.rowCount)
    if limits.isCancelled() {
      return ProgramSolution(
        of: program, status: .cancelled, point: point, rowDuals: rowDuals, iterationCount: 0)
    }
    let report = preimage_glpk_solve(
      options(within: limits), rowCount, columnCount, entryCount,
      program.objective,
      program.rowBounds.map(\.lower), program.rowBounds.map(\.upper),
      program.columnBounds.map(\.lower), program.columnBounds.map(\.upper),
      entries.rows, entries.columns, entries.values, &point, &rowDuals)
    guard let status = ProgramSolution.Status(report.status) else {
      throw ProgramFailure(engine: name, reason: Self.message(of: report))
    }
    return ProgramSolution(
      of: program, status: status, point: point, rowDuals: rowDuals,
      iterationCount: Int(report.iteration_count))
  }

  /// - Throws: where the program is quadratic.
  public func solve(
    _ program: HingeProgram, within limits: ProgramLimits
  ) throws(ProgramFailure) -> ProgramSolution {
    guard program.quadratic == nil else {
      throw ProgramFailure(
        engine: name,
        reason: "GLPK solves linear programs, and this one is quadratic; try interior_point")
    }
    return try formulation.solve(program, by: self, within: limits)
  }

  private func options(within limits: ProgramLimits) -> preimage_glpk_options {
    let code =
      switch method {
      case .simplex: variant == .dual ? PREIMAGE_GLPK_SIMPLEX : PREIMAGE_GLPK_PRIMAL_SIMPLEX
      case .interiorPoint: PREIMAGE_GLPK_INTERIOR
      case .exact: PREIMAGE_GLPK_EXACT
      }
    // GLPK takes INT_MAX for "no limit".
    let milliseconds = min((limits.seconds * 1000).rounded(.up), Double(Int32.max))
    return preimage_glpk_options(
      method: code, iteration_limit: Int32(clamping: limits.iterationsMax),
      time_limit_milliseconds: Int32(milliseconds))
  }

  /// GLPK's last words on one line.
  private static func message(of report: preimage_glpk_report) -> String {
    let text = withUnsafeBytes(of: report.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
  }
}

/// The entries of a dense matrix that are not zero, as GLPK reads them.
private struct Entries {
  var rows: [Int32] = []
  var columns: [Int32] = []
  var values: [Double] = []

  init(of program: LinearProgram) {
    for i in 0..<program.rowCount {
      let row = i * program.columnCount
      for j in 0..<program.columnCount where program.matrix[row + j] != 0 {
        // A count that does not fit is refused before these are read.
        rows.append(Int32(truncatingIfNeeded: i))
        columns.append(Int32(truncatingIfNeeded: j))
        values.append(program.matrix[row + j])
      }
    }
  }
}

extension ProgramSolution.Status {
  /// `nil` for a call that GLPK aborted.
  fileprivate init?(_ code: preimage_glpk_status) {
    switch code {
    case PREIMAGE_GLPK_OPTIMAL: self = .optimal
    case PREIMAGE_GLPK_INFEASIBLE: self = .infeasible
    case PREIMAGE_GLPK_UNBOUNDED: self = .unbounded
    case PREIMAGE_GLPK_ITERATION_LIMIT: self = .iterationLimit
    case PREIMAGE_GLPK_TIME_LIMIT: self = .timeLimit
    case PREIMAGE_GLPK_NUMERICAL_FAILURE: self = .numericalFailure
    default: return nil
    }
  }
}
