import Inversion
import Testing

/// The certificates are our own arithmetic: they must see through a false claim.
struct ProgramSolutionTests {
  /// Minimise x1 + 2 x2 with x1 + x2 >= 1 and both at least 0. Optimum 1 at (1, 0), price 1.
  let program = LinearProgram(
    objective: [1, 2], matrix: [1, 1], rowBounds: [.atLeast(1)],
    columnBounds: [.nonnegative, .nonnegative])

  private func claim(point: [Double], rowDuals: [Double]) -> ProgramSolution {
    ProgramSolution(
      of: program, status: .optimal, point: point, rowDuals: rowDuals, iterationCount: 0)
  }

  @Test func certifiesTheOptimum() {
    let solution = claim(point: [1, 0], rowDuals: [1])
    #expect(solution.objective == 1)
    #expect(solution.dualObjective == 1)
    #expect(solution.primalViolation == 0)
    #expect(solution.dualViolation == 0)
    #expect(solution.gap == 0)
  }

  @Test func seesABrokenRow() {
    #expect(claim(point: [0.25, 0], rowDuals: [1]).primalViolation == 0.75)
  }

  @Test func seesABrokenColumn() {
    #expect(claim(point: [1.5, -0.5], rowDuals: [1]).primalViolation == 0.5)
  }

  @Test func seesAPointThatIsNotOptimal() {
    #expect(claim(point: [0, 1], rowDuals: [1]).gap == 1)
  }

  @Test func seesPricesThatPayForNoBound() {
    // A negative price wants the row's upper bound; a price of 3 turns both reduced costs negative.
    #expect(claim(point: [1, 0], rowDuals: [-1]).dualViolation == 1)
    #expect(claim(point: [1, 0], rowDuals: [3]).dualViolation == 2)
  }
}
