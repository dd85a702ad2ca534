import Inversion
import Testing

/// Two engines that share nothing but the program come to the same end.
struct EngineAgreementTests {
  /// Objectives agree to this share of `1 + |objective|`: what the simplex method's own tolerances
  /// (1e-7 on bounds and on reduced costs, of up to a few dozen rows and columns) leave open.
  static let tolerance = 1e-5

  /// Over linear programs of every kind. Where the statuses differ, rational arithmetic decides.
  @Test(arguments: RandomLinearProgram.Kind.allCases)
  func onLinearPrograms(kind: RandomLinearProgram.Kind) throws {
    let kinds = UInt64(RandomLinearProgram.Kind.allCases.count)
    var statuses: Set<ProgramSolution.Status> = []
    for draw in 0..<600 as Range<UInt64> {
      let seed = draw * kinds + UInt64(kind.rawValue)
      let program = RandomLinearProgram(seed: seed).program
      let ours = try InteriorPointEngine().solve(program)
      var reference = try GLPKEngine().solve(program)
      if reference.status != ours.status {
        reference = try GLPKEngine(method: .exact).solve(program)
      }
      let context = Comment("seed \(seed), \(program.rowCount) x \(program.columnCount)")
      #expect(ours.status == reference.status, context)
      statuses.insert(ours.status)
      guard ours.status == .optimal else { continue }
      let difference = abs(ours.objective - reference.objective)
      #expect(difference <= Self.tolerance * (1 + abs(reference.objective)), context)
      // Its certificates do not need the other engine. Entries of the largest scale are 2^12.
      #expect(ours.relativeGap < 1e-8, context)
      #expect(ours.primalViolation < 1e-5, context)
      #expect(ours.dualViolation < 1e-5, context)
    }
    // Planted optima are nothing else; every other kind ends in all three ways.
    let expected: Set<ProgramSolution.Status> =
      kind == .planted || kind == .badlyScaled ? [.optimal] : [.optimal, .infeasible, .unbounded]
    #expect(statuses == expected)
  }

  /// Over programs with hinges, in both formulations.
  @Test func onHingePrograms() throws {
    for seed in 0..<500 as Range<UInt64> {
      let program = RandomHingeProgram(seed: seed).program
      let ours = try InteriorPointEngine().solve(program)
      let formulation: HingeFormulation = seed % 2 == 0 ? .primal : .dual
      let reference = try GLPKEngine(method: .simplex, formulation: formulation, variant: .dual)
        .solve(program)
      let context = Comment("seed \(seed), \(program.rows.count) x \(program.rows.columnCount)")
      #expect(ours.status == reference.status, context)
      guard ours.status == .optimal else { continue }
      let difference = abs(ours.objective - reference.objective)
      #expect(difference <= Self.tolerance * (1 + abs(reference.objective)), context)
      #expect(ours.relativeGap < 1e-7, context)
    }
  }
}
