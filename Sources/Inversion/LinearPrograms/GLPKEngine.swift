import CGLPK

/// Solves linear programs with GLPK, through the guarded call of `CGLPK`.
///
/// Values of this type may be used from any number of threads at once: every call has a GLPK
/// environment of its own.
public struct GLPKEngine: LinearProgramEngine {
  public enum Method: String, Sendable, CaseIterable {
    /// Dual simplex; ends in a vertex. The one to take unless there is a reason not to.
    case simplex
    /// Interior point, heeding no limits; where it fails the simplex method decides.
    case interiorPoint
    /// Simplex, verified in rational arithmetic: slow, and immune to rounding.
    case exact
  }

  public let method: Method

  public var name: String {
    switch method {
    case .simplex: "glpk_simplex"
    case .interiorPoint: "glpk_interior_point"
    case .exact: "glpk_exact"
    }
  }

  public init(method: Method = .simplex) {
    self.method = method
  }

  public func solve(
    _ program: LinearProgram, within limits: LinearProgramLimits
  ) throws(LinearProgramFailure) -> LinearProgramSolution {
    let entries = Entries(of: program)
    guard
      let rowCount = Int32(exactly: program.rowCount),
      let columnCount = Int32(exactly: program.columnCount),
      let entryCount = Int32(exactly: entries.values.count)
    else {
      throw LinearProgramFailure(
        engine: name,
        reason: "\(program.rowCount) rows of \(program.columnCount) are more than GLPK can count")
    }
    var primal = [Double](repeating: 0, count: program.columnCount)
    var rowDual = [Double](repeating: 0, count: program.rowCount)
    let report = preimage_glpk_solve(
      options(within: limits), rowCount, columnCount, entryCount,
      program.objective,
      program.rowBounds.map(\.lower), program.rowBounds.map(\.upper),
      program.columnBounds.map(\.lower), program.columnBounds.map(\.upper),
      entries.rows, entries.columns, entries.values, &primal, &rowDual)
    guard let status = LinearProgramSolution.Status(report.status) else {
      throw LinearProgramFailure(engine: name, reason: Self.message(of: report))
    }
    return LinearProgramSolution(
      of: program, status: status, primal: primal, rowDual: rowDual,
      iterationCount: Int(report.iteration_count))
  }

  private func options(within limits: LinearProgramLimits) -> preimage_glpk_options {
    let code =
      switch method {
      case .simplex: PREIMAGE_GLPK_SIMPLEX
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

extension LinearProgramSolution.Status {
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
