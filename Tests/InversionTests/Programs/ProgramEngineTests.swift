import Inversion
import Synchronization
import Testing

/// The laws that every engine has to keep.
struct ProgramEngineTests {
  static let engines: [any ProgramEngine] =
    [InteriorPointEngine()] + GLPKEngine.Method.allCases.map { GLPKEngine(method: $0) }

  /// Strong duality, feasibility on both sides, and the planted optimum.
  @Test(arguments: engines)
  func findsPlantedOptima(engine: any ProgramEngine) throws {
    let programCount = engine.name == "glpk_exact" ? 40 : 300
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
  func saysInfeasible(engine: any ProgramEngine) throws {
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
  func saysUnbounded(engine: any ProgramEngine) throws {
    // Minimise -x1 with x1 - x2 = 0 and both at least 0.
    let ray = LinearProgram(
      objective: [-1, 0], matrix: [1, -1], rowBounds: [.equal(to: 0)],
      columnBounds: [.nonnegative, .nonnegative])
    #expect(try engine.solve(ray).status == .unbounded)
  }

  /// Beale's program, on which the simplex method without safeguards cycles for ever.
  @Test(arguments: engines)
  func leavesDegenerateVertices(engine: any ProgramEngine) throws {
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
  func standsBadScaling(engine: any ProgramEngine) throws {
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
  func acceptsProgramsWithoutRowsOrColumns(engine: any ProgramEngine) throws {
    let nothing = LinearProgram(objective: [], matrix: [], rowBounds: [], columnBounds: [])
    #expect(try engine.solve(nothing).status == .optimal)
    #expect(try engine.solve(nothing).objective == 0)

    let noRows = LinearProgram(
      objective: [2, -3], matrix: [], rowBounds: [],
      columnBounds: [.atLeast(1), .atMost(5)])
    let solution = try engine.solve(noRows)
    #expect(solution.status == .optimal)
    #expect(abs(solution.point[0] - 1) < 1e-9 && abs(solution.point[1] - 5) < 1e-9)
    #expect(solution.relativeGap < 1e-9)

    let noColumns = LinearProgram(
      objective: [], matrix: [], rowBounds: [.atLeast(1)], columnBounds: [])
    #expect(try engine.solve(noColumns).status == .infeasible)
  }

  /// Engines that heed limits: GLPK's interior point has none.
  static let limitedEngines: [any ProgramEngine] = [InteriorPointEngine(), GLPKEngine()]

  @Test(arguments: limitedEngines)
  func stopsAtLimits(engine: any ProgramEngine) throws {
    let program = RandomProgram(seed: 3, rowCount: 40, columnCount: 60).program
    let unlimited = try engine.solve(program)
    try #require(unlimited.iterationCount > 2)
    let halted = try engine.solve(
      program, within: ProgramLimits(iterationsMax: unlimited.iterationCount / 2))
    #expect(halted.status == .iterationLimit)
    #expect(halted.iterationCount <= unlimited.iterationCount / 2)
    let enough = try engine.solve(
      program, within: ProgramLimits(iterationsMax: unlimited.iterationCount + 1))
    #expect(enough.status == .optimal)
    let noTime = try engine.solve(program, within: ProgramLimits(seconds: 0))
    #expect(noTime.status == .timeLimit)
  }

  @Test(arguments: engines)
  func stopsWhenCancelled(engine: any ProgramEngine) throws {
    let program = RandomProgram(seed: 3, rowCount: 6, columnCount: 8).program
    let cancelled = ProgramLimits(isCancelled: { true })
    #expect(try engine.solve(program, within: cancelled).status == .cancelled)
  }

  /// Time is what the clock that was passed in says it is.
  @Test func heedsTheClockItIsGiven() throws {
    let program = RandomProgram(seed: 3, rowCount: 20, columnCount: 30).program
    let ticks = Mutex(0.0)
    let clock: @Sendable () -> Double = {
      ticks.withLock { now in
        now += 1
        return now
      }
    }
    let solution = try InteriorPointEngine().solve(
      program, within: ProgramLimits(seconds: 6.5, now: clock))
    #expect(solution.status == .timeLimit)
    #expect(solution.iterationCount > 0)
  }

  /// What GLPK cannot do it says, and which engine can.
  @Test func refusesQuadraticsByName() throws {
    let layer = RandomLayer(seed: 1, columnCount: 4, rowCount: 20).equations
    let program = LayerProgram.pursuit(
      layer, weights: Array(repeating: 1, count: 20), penalty: 0, ridge: 0)
    for method in GLPKEngine.Method.allCases {
      let engine = GLPKEngine(method: method)
      let failure = #expect(throws: ProgramFailure.self) { try engine.solve(program) }
      #expect(failure?.engine == engine.name)
      #expect(failure?.reason.contains("interior_point") == true)
    }
  }

  @Test(arguments: engines)
  func repeatsItselfToTheBit(engine: any ProgramEngine) throws {
    let program = RandomProgram(seed: 9, rowCount: 8, columnCount: 8).program
    #expect(try engine.solve(program) == engine.solve(program))
  }
}
