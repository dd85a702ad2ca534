import CGLPK
import Foundation
import Inversion
import Testing

/// GLPK ends the process on misuse; the guarded call has to come back with a status instead.
///
/// `GLPKEngine` cannot be made to misuse it, so these call the C function.
struct GLPKGuardTests {
  /// Minimise x with x in [0, 1], given the same matrix place twice, which GLPK refuses.
  private static func misuse() -> preimage_glpk_report {
    var primal = [0.0]
    var rowDual = [0.0]
    let options = preimage_glpk_options(
      method: PREIMAGE_GLPK_SIMPLEX, iteration_limit: .max, time_limit_milliseconds: .max)
    return preimage_glpk_solve(
      options, 1, 1, 2, [1], [0], [1], [0], [1], [0, 0], [0, 0], [1, 1], &primal, &rowDual)
  }

  private static func message(of report: preimage_glpk_report) -> String {
    withUnsafeBytes(of: report.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  @Test func misuseComesBackWithItsReason() {
    let report = Self.misuse()
    #expect(report.status == PREIMAGE_GLPK_ABORTED)
    #expect(Self.message(of: report).contains("duplicate indices"))
  }

  @Test func badOptionsComeBackToo() {
    var primal = [0.0]
    var rowDual: [Double] = [0]
    let options = preimage_glpk_options(
      method: PREIMAGE_GLPK_SIMPLEX, iteration_limit: -1, time_limit_milliseconds: .max)
    let report = preimage_glpk_solve(
      options, 1, 1, 1, [1], [0], [1], [0], [1], [0], [0], [1], &primal, &rowDual)
    #expect(report.status == PREIMAGE_GLPK_ABORTED)
    #expect(Self.message(of: report).contains("it_lim"))
  }

  @Test func theNextSolveOfTheThreadWorks() throws {
    for seed in 0..<20 as Range<UInt64> {
      #expect(Self.misuse().status == PREIMAGE_GLPK_ABORTED)
      let planted = RandomProgram(seed: seed, rowCount: 4, columnCount: 5)
      let solution = try GLPKEngine().solve(planted.program)
      #expect(solution.status == .optimal, "seed \(seed)")
      #expect(abs(solution.objective - planted.optimum) < 1e-6, "seed \(seed)")
    }
  }

  /// Threads that abort and threads that solve do not disturb each other.
  @Test func threadsDoNotMeet() {
    let lock = NSLock()
    nonisolated(unsafe) var wrong: [UInt64] = []
    DispatchQueue.concurrentPerform(iterations: 64) { iteration in
      let seed = UInt64(iteration)
      let aborted = Self.misuse().status == PREIMAGE_GLPK_ABORTED
      let planted = RandomProgram(seed: seed, rowCount: 6, columnCount: 7)
      let objective = (try? GLPKEngine().solve(planted.program))?.objective ?? .infinity
      if !aborted || abs(objective - planted.optimum) > 1e-6 {
        lock.withLock { wrong.append(seed) }
      }
    }
    #expect(wrong.isEmpty, "seeds \(wrong)")
  }
}
