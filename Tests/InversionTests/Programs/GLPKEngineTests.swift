import Inversion
import Testing

/// The laws that every engine for linear programs has to keep; GLPK's three methods for now.
struct GLPKEngineTests {
  static let engines = GLPKEngine.Method.allCases.map { GLPKEngine(method: $0) }

  /// Strong duality, feasibility on both sides, and the planted optimum.
  @Test(arguments: engines)
  func findsPlantedOptima(engine: GLPKEngine) throws {
    let programCount = engine.method == .exact ? 40 : 300
    for seed in 0..<UInt64(programCount) {
      let rowCount = 1 + Int(seed % 12)
      let columnCount = 1 + Int(seed / 3 % 15)
      let planted = RandomProgram(seed: seed, rowCount: rowCount, columnCount: columnCount)
      let solution = try engine.solve(planted.program)
      let context = Comment("seed \(seed), \(rowCount) x \(columnCount)")
      #expect(solution.status == .optimal, context)
      #expect(solution.primalViolation < 1e-6, context)
      #expect(solution.dualViolation < 1e-6, context)
      #expect(solution.relativeGap < 1e-6, context)
      #expect(abs(solution.objective - planted.optimum) < 1e-5, context)
    }
  }

  @Test(arguments: engines)
  func saysInfeasible(engine: GLPKEngine) throws {
    // x1 + x2 <= 1 and x1 + x2 >= 2.
    let contradiction = LinearProgram(
      objective: [1, 1], matrix: [1, 1, 1, 1], rowBounds: [.atMost(1), .atLeast(2)],
      columnBounds: [.free, .free])
    #expect(try engine.solve(contradiction).status == .infeasible)
    // A lower bound above its upper one.
    let crossed = LinearProgram(
      objective: [1], matrix: [1], rowBounds: [.free],
      columnBounds: [LinearProgram.Bounds(lower: 2, upper: 1)])
    #expect(try engine.solve(crossed).status == .infeasible)
  }

  @Test(arguments: engines)
  func saysUnbounded(engine: GLPKEngine) throws {
    // Minimise -x1 with x1 - x2 = 0 and both at least 0.
    let ray = LinearProgram(
      objective: [-1, 0], matrix: [1, -1], rowBounds: [.equal(to: 0)],
      columnBounds: [.nonnegative, .nonnegative])
    #expect(try engine.solve(ray).status == .unbounded)
  }

  /// Beale's program, on which the simplex method without safeguards cycles for ever.
  @Test(arguments: engines)
  func leavesDegenerateVertices(engine: GLPKEngine) throws {
    let program = LinearProgram(
      objective: [-0.75, 150, -0.02, 6],
      matrix: [
        0.25, -60, -0.04, 9,
        0.5, -90, -0.02, 3,
        0, 0, 1, 0,
      ],
      rowBounds: [.atMost(0), .atMost(0), .atMost(1)],
      columnBounds: Array(repeating: .nonnegative, count: 4))
    let solution = try engine.solve(program)
    #expect(solution.status == .optimal)
    #expect(abs(solution.objective + 0.05) < 1e-7)
  }

  /// Rows and columns that differ by up to eight orders of magnitude.
  @Test(arguments: engines)
  func standsBadScaling(engine: GLPKEngine) throws {
    let planted = RandomProgram(seed: 77, rowCount: 5, columnCount: 6)
    let scales = [1e-4, 1e-2, 1, 1e2, 1e4, 1e3]
    let program = planted.program
    let rowScales = scales.prefix(program.rowCount)
    let scaled = LinearProgram(
      objective: zip(program.objective, scales).map { $0 * $1 },
      matrix: program.matrix.enumerated().map { place, entry in
        entry * scales[place / program.columnCount] * scales[place % program.columnCount]
      },
      rowBounds: zip(program.rowBounds, rowScales).map { bounds, scale in
        LinearProgram.Bounds(lower: bounds.lower * scale, upper: bounds.upper * scale)
      },
      columnBounds: zip(program.columnBounds, scales).map { bounds, scale in
        LinearProgram.Bounds(lower: bounds.lower / scale, upper: bounds.upper / scale)
      })
    let solution = try engine.solve(scaled)
    #expect(solution.status == .optimal)
    #expect(abs(solution.objective - planted.optimum) < 1e-4)
  }

  @Test(arguments: engines)
  func acceptsProgramsWithoutRowsOrColumns(engine: GLPKEngine) throws {
    let nothing = LinearProgram(objective: [], matrix: [], rowBounds: [], columnBounds: [])
    #expect(try engine.solve(nothing).status == .optimal)
    #expect(try engine.solve(nothing).objective == 0)

    let noRows = LinearProgram(
      objective: [2, -3], matrix: [], rowBounds: [],
      columnBounds: [.atLeast(1), .atMost(5)])
    let solution = try engine.solve(noRows)
    #expect(solution.status == .optimal)
    #expect(solution.point == [1, 5])
    #expect(solution.gap == 0)

    let noColumns = LinearProgram(
      objective: [], matrix: [], rowBounds: [.atLeast(1)], columnBounds: [])
    #expect(try engine.solve(noColumns).status == .infeasible)
  }

  @Test func stopsAtLimits() throws {
    let program = RandomProgram(seed: 3, rowCount: 40, columnCount: 60).program
    let unlimited = try GLPKEngine().solve(program)
    try #require(unlimited.iterationCount > 2)
    let halted = try GLPKEngine().solve(
      program, within: ProgramLimits(iterationsMax: unlimited.iterationCount / 2))
    #expect(halted.status == .iterationLimit)
    let enough = try GLPKEngine().solve(
      program, within: ProgramLimits(iterationsMax: unlimited.iterationCount + 1))
    #expect(enough.status == .optimal)
    let noTime = try GLPKEngine().solve(program, within: ProgramLimits(seconds: 0))
    #expect(noTime.status == .timeLimit)
  }

  @Test(arguments: engines)
  func repeatsItselfToTheBit(engine: GLPKEngine) throws {
    let program = RandomProgram(seed: 9, rowCount: 8, columnCount: 8).program
    #expect(try engine.solve(program) == engine.solve(program))
  }
}
