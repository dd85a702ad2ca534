import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Synchronization
import Testing

/// Searches that advance together end as each would alone, whoever their companions are.
struct CompanionSearchTests {
  static let solvers: [JSONValue] = [
    ["type": "adam", "preset": "ma2018", "iterations_max": 300],
    ["type": "adam", "restarts_max": 3, "iterations_max": 200],
    ["type": "gradient_descent", "restarts_max": 2, "iterations_max": 400, "decay": 0.001],
  ]

  /// How far the relative residual of a search may be from that of the same search alone: products of
  /// many rows are rounded otherwise than those of one.
  static let tolerance = 1e-3

  let generator: Generator
  let mask: any Measurement

  init() throws {
    generator = try SmallGenerators.perceptron([6, 20, 60], ["type": "relu"], seed: 11)
    mask = try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["bernoulli": ["rate": 0.7, "seed": 2]]],
      signalShape: generator.outputShape)
  }

  /// Noise-free, of known and of unknown size in turn.
  func problem(_ seed: Int) -> InverseProblem {
    let noise: (any NoiseModel)? = seed % 3 == 2 ? GaussianNoise(sigma: nil) : nil
    return PlantedProblem(
      generator, mask, sigma: seed % 3 == 0 ? 0 : 0.02, declared: noise, seed: UInt64(seed)
    ).problem
  }

  func context(_ seed: Int, _ control: SolveControl = .init()) -> SolveContext {
    SolveContext(
      seed: UInt64(seed), control: control, library: EncoderLibrary(), generatorKey: "generator")
  }

  func group(_ solver: JSONValue) throws -> any CompanionSearch {
    try #require(try SolverCatalogue.build(solver).companionSearch())
  }

  /// Advances until all have ended.
  func finished(_ group: any CompanionSearch) -> [String: Solution] {
    var found: [String: Solution] = [:]
    while group.count > 0 {
      for (id, search) in group.advance() { found[id] = search.solution() }
    }
    return found
  }

  func expectAlike(
    _ found: Solution?, _ alone: Solution, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try #require(found, sourceLocation: sourceLocation)
    #expect(
      abs(found.residual.relative - alone.residual.relative) <= Self.tolerance,
      sourceLocation: sourceLocation)
    #expect(found.termination == alone.termination, sourceLocation: sourceLocation)
    #expect(found.restarts == alone.restarts, sourceLocation: sourceLocation)
    #expect(found.solver == alone.solver, sourceLocation: sourceLocation)
  }

  @Test(arguments: solvers)
  func eachEndsAsItWouldAlone(_ solver: JSONValue) throws {
    let group = try group(solver)
    for seed in 0..<12 { #expect(group.join(problem(seed), context(seed), as: "\(seed)")) }
    #expect(group.count == 12)
    let found = finished(group)
    for seed in 0..<12 {
      let alone = try SolverCatalogue.build(solver).solve(problem(seed), context(seed))
      try expectAlike(found["\(seed)"], alone)
      // One that is over at once has the same trace; the others, one of the same length.
      #expect(found["\(seed)"]?.iterations == alone.iterations || alone.termination == .converged)
    }
  }

  @Test(arguments: solvers)
  func whoJoinsLateHasAllItsIterations(_ solver: JSONValue) throws {
    let group = try group(solver)
    #expect(group.join(problem(1), context(1), as: "early"))
    var found: [String: Solution] = [:]
    for _ in 0..<37 {
      for (id, search) in group.advance() { found[id] = search.solution() }
    }
    #expect(group.join(problem(2), context(2), as: "late"))
    found.merge(finished(group)) { $1 }
    for (id, seed) in [("early", 1), ("late", 2)] {
      let alone = try SolverCatalogue.build(solver).solve(problem(seed), context(seed))
      try expectAlike(found[id], alone)
      #expect(found[id]?.iterations == alone.iterations)
    }
  }

  /// - Returns: what the neighbours found, beside a search that `spoil` spoils or with none.
  func neighbours(
    _ solver: JSONValue, beside spoiled: (problem: InverseProblem, context: SolveContext)?
  ) throws -> (neighbours: [Solution], spoiled: Solution?) {
    let group = try group(solver)
    for seed in 0..<4 { #expect(group.join(problem(seed), context(seed), as: "\(seed)")) }
    if let spoiled { #expect(group.join(spoiled.problem, spoiled.context, as: "bad")) }
    for seed in 4..<7 { #expect(group.join(problem(seed), context(seed), as: "\(seed)")) }
    let found = finished(group)
    return (try (0..<7).map { try #require(found["\($0)"]) }, found["bad"])
  }

  @Test(arguments: solvers)
  func numbersThatAreNoneStayInTheirRow(_ solver: JSONValue) throws {
    let (undisturbed, _) = try neighbours(solver, beside: nil)
    let bad = InverseProblem(
      generator: generator, measurement: mask,
      observation: [Float](repeating: .nan, count: mask.outputCount), noise: NoNoise())
    let huge = InverseProblem(
      generator: generator, measurement: mask,
      observation: [Float](repeating: 3e38, count: mask.outputCount), noise: NoNoise())
    for problem in [bad, huge] {
      let (found, spoiled) = try neighbours(solver, beside: (problem, context(9)))
      #expect(spoiled?.termination == .nonFinite)
      for (a, b) in zip(found, undisturbed) { try expectAlike(a, b) }
    }
  }

  @Test(arguments: solvers)
  func aCancellationInTheMiddleEndsOneAlone(_ solver: JSONValue) throws {
    let (undisturbed, _) = try neighbours(solver, beside: nil)
    let looks = Atomic<Int>(0)
    let control = SolveControl(isCancelled: {
      looks.add(1, ordering: .relaxed).newValue > 20
    })
    let (found, canceled) = try neighbours(solver, beside: (problem(1), context(1, control)))
    #expect(canceled?.termination == .cancelled && canceled?.iterations == 20)
    for (a, b) in zip(found, undisturbed) { try expectAlike(a, b) }
  }

  @Test func aDeadlineEndsItsOwnSearch() throws {
    let solver = Self.solvers[0]
    let time = Atomic<Int>(0)
    let control = SolveControl(
      now: { Double(time.add(1, ordering: .relaxed).newValue) }, deadline: 30)
    let group = try group(solver)
    #expect(group.join(problem(1), context(1, control), as: "short"))
    #expect(group.join(problem(2), context(2), as: "long"))
    let found = finished(group)
    #expect(found["short"]?.termination == .timeLimit && found["short"]?.iterations == 29)
    try expectAlike(
      found["long"], try SolverCatalogue.build(solver).solve(problem(2), context(2)))
  }

  @Test func progressIsEachSearchsOwn() throws {
    let group = try group(Self.solvers[0])
    let seen = Mutex<[SolveProgress]>([])
    let control = SolveControl(report: { progress in seen.withLock { $0.append(progress) } })
    #expect(group.join(problem(1), context(1), as: "silent"))
    _ = group.advance()
    #expect(group.join(problem(2), context(2, control), as: "heard"))
    let found = finished(group)
    let reports = seen.withLock { $0 }
    #expect(reports.map(\.iteration) == Array(1..<reports.count + 1))
    #expect(reports.count == found["heard"]?.iterations)
    #expect(reports.allSatisfy { $0.iterationsMax == 300 })
    #expect(zip(reports, reports.dropFirst()).allSatisfy { $0.loss >= $1.loss })
  }

  @Test func whatCannotBeARowIsRefused() throws {
    let group = try group(Self.solvers[0])
    let laplace = InverseProblem(
      generator: generator, measurement: mask, observation: problem(1).observation,
      noise: LaplaceNoise(scale: 0.1))
    #expect(!group.join(laplace, context(1), as: "laplace"))
    #expect(group.count == 0 && group.advance().isEmpty)
    #expect(group.join(problem(1), context(1), as: "plain"))
    let other = PlantedProblem(generator, seed: 3).problem
    #expect(!group.join(other, context(3), as: "all pixels"))
    #expect(group.count == 1)
  }

  @Test func methodsThatRoundingSendsElsewhereGoAlone() throws {
    for type in SolverCatalogue.kinds.map(\.type) {
      // The oracle needs a latent; it is no descent.
      let solver = try? SolverCatalogue.build(["type": .string(type)])
      let isShared = solver?.companionSearch() != nil
      #expect(isShared == ["adam", "gradient_descent"].contains(type), "\(type)")
    }
  }

  @Test func ruleOfNoiseAndGenerators() throws {
    #expect(CompanionRule.admits(NoNoise()) && CompanionRule.admits(GaussianNoise(sigma: 0.1)))
    #expect(CompanionRule.admits(GaussianNoise(sigma: nil)))
    for document: JSONValue in [
      ["type": "laplace", "scale": 0.1], ["type": "gaussian", "sigma": 0.1, "clipped": [0, 1]],
    ] {
      #expect(try !CompanionRule.admits(NoiseCatalogue.build(document)), "\(document)")
    }
    #expect(CompanionRule.admits(generator.layers))
    let convolution = Generator.LayerSummary(
      type: "conv2d", outputShape: [1, 4, 4], parameterCount: 9)
    #expect(!CompanionRule.admits(generator.layers + [convolution]))
    for (width, isAdmitted) in [
      (CompanionRule.widthMax, true), (CompanionRule.widthMax + 1, false),
    ] {
      let wide = Generator.LayerSummary(type: "linear", outputShape: [width], parameterCount: width)
      #expect(CompanionRule.admits([wide]) == isAdmitted)
    }
  }

  @Test func longSearchesGoAlone() throws {
    func admits(iterations: Int, starts: Int, parameters: Int) throws -> Bool {
      let solver = try SolverCatalogue.build([
        "type": "adam", "iterations_max": JSONValue(iterations), "restarts_max": JSONValue(starts),
      ])
      let layer = Generator.LayerSummary(
        type: "linear", outputShape: [4], parameterCount: parameters)
      return CompanionRule.admits(try #require(solver.companionSearch()), of: [layer])
    }
    #expect(CompanionRule.rowIterationsMax == 65_536)
    #expect(try admits(iterations: 16_384, starts: 4, parameters: 100))
    #expect(try !admits(iterations: 16_385, starts: 4, parameters: 100))
    let most = CompanionRule.multiplicationsMax / 2 / 1000
    #expect(try admits(iterations: 1000, starts: 1, parameters: most))
    #expect(try !admits(iterations: 1000, starts: 1, parameters: most + 1))
  }

  @Test(arguments: [(16, true), (17, false)])
  func manyStartsAreABatchByThemselves(_ starts: Int, _ isShared: Bool) throws {
    let solver = try SolverCatalogue.build(["type": "adam", "restarts_max": JSONValue(starts)])
    #expect((solver.companionSearch() != nil) == isShared)
  }
}

/// The stated tolerance holds on a trained generator, over all iterations of the published preset.
struct TrainedCompanionTests {
  @Test(.enabled(if: SharedGenerators.arePresent))
  func adamOnATrainedGenerator() throws {
    let generator = try SharedGenerators.generator("lei-vae-relu")
    let mask = try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["bernoulli": ["rate": 0.55, "seed": 5]]],
      signalShape: generator.outputShape)
    let solver = try SolverCatalogue.build(["type": "adam", "preset": "ma2018"])
    let group = try #require(solver.companionSearch())
    let library = EncoderLibrary()
    let problems = (0..<64).map { seed in
      PlantedProblem(generator, mask, sigma: seed % 2 == 0 ? 0 : 0.05, seed: UInt64(seed)).problem
    }
    func context(_ seed: Int) -> SolveContext {
      SolveContext(seed: UInt64(seed), library: library, generatorKey: "lei-vae-relu")
    }
    for (seed, problem) in problems.enumerated() {
      #expect(group.join(problem, context(seed), as: "\(seed)"))
    }
    var worst = 0.0
    while group.count > 0 {
      for (id, search) in group.advance() {
        let seed = try #require(Int(id))
        let alone = solver.solve(problems[seed], context(seed))
        worst = max(worst, abs(search.solution().residual.relative - alone.residual.relative))
      }
    }
    print("largest difference of a relative residual: \(worst)")
    #expect(worst <= CompanionSearchTests.tolerance)
  }
}
