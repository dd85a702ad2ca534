import Documents
import LinearAlgebra

/// Which engine solves the programs of a layer-wise method.
struct LayerEngine: Sendable {
  let engine: any ProgramEngine

  /// The default first.
  static let engines: [any ProgramEngine] =
    [InteriorPointEngine()]
    + [GLPKEngine.Method.simplex, .interiorPoint, .exact].map { GLPKEngine(method: $0) }
  static let names = engines.map(\.name)

  static func parameter(_ names: [String] = names) -> StructuredParameter {
    StructuredParameter(
      "engine",
      schema: [
        "type": "string", "enum": JSONValue(names.map { .string($0) }),
        "default": .string(names[0]),
        "description": "what solves the program of each layer",
      ])
  }

  init(_ engine: any ProgramEngine = InteriorPointEngine()) {
    self.engine = engine
  }

  /// Solves the program of a layer. Where errors put a bound out of reach, the bounds are raised to
  /// what the smallest error leaves of them.
  ///
  /// - Throws: ``LayerFailure`` where the program has no solution, or none was found.
  func solve(
    _ equations: LayerEquations, _ control: SolveControl,
    _ program: (LayerEquations) -> HingeProgram
  ) throws(LayerFailure) -> ProgramSolution {
    var equations = equations
    var solution = try run(program(equations), control)
    if solution.status == .infeasible {
      let nearest = try run(LayerProgram.supremum(equations), control)
      let product = equations.matrix.apply(Array(nearest.point.dropLast()))
      for row in product.indices where !equations.isActive[row] {
        equations.values[row] = max(equations.values[row], product[row])
      }
      solution = try run(program(equations), control)
    }
    // Where an engine gave up the last point is worth a look: the fit will tell what it is good for.
    let isUsable: Set<ProgramSolution.Status> = [.optimal, .numericalFailure, .iterationLimit]
    guard isUsable.contains(solution.status) else {
      throw LayerFailure(
        reason: "\(engine.name) says \(solution.status.rawValue)",
        termination: solution.status.interruption ?? .infeasible)
    }
    return solution
  }

  private func run(
    _ program: HingeProgram, _ control: SolveControl
  ) throws(LayerFailure) -> ProgramSolution {
    do {
      return try engine.solve(program, within: ProgramLimits(control))
    } catch {
      throw LayerFailure(reason: error.description)
    }
  }
}

extension ProgramSolution.Status {
  /// What kept the engine from an answer, where that is not the program's doing.
  fileprivate var interruption: Termination? {
    switch self {
    case .cancelled: .cancelled
    case .timeLimit: .timeLimit
    case .optimal, .infeasible, .unbounded, .iterationLimit, .numericalFailure: nil
    }
  }
}

extension LayerReport.ProgramReport {
  init(_ solution: ProgramSolution, engine: LayerEngine, iterations: Int, tolerance: Double? = nil)
  {
    self.init(
      engine: engine.engine.name, status: solution.status.rawValue, objective: solution.objective,
      dualObjective: solution.dualObjective, relativeGap: solution.relativeGap,
      primalViolation: solution.primalViolation, iterations: iterations, tolerance: tolerance)
  }

  /// Of a descent.
  init(_ descent: FirstOrderPursuit.Descent) {
    self.init(
      engine: FirstOrderPursuit.name, status: descent.termination.rawValue,
      iterations: descent.iterations)
  }
}

extension LayerTask {
  /// The layer as the programs take it.
  ///
  /// - Throws: ``LayerFailure`` where its matrix is not written down.
  func equations(_ rows: LayerRows) throws(LayerFailure) -> LayerEquations {
    guard let matrix = weights.matrix else {
      throw LayerFailure(reason: "its matrix is not written down")
    }
    let unit = rows.typicalDeviation
    // A row that is bounded from below is one bounded from above with its sign changed.
    let flips = rows.kinds.contains(.atLeast)
    let signs = rows.kinds.map { $0 == .atLeast ? -1.0 : 1.0 }
    return LayerEquations(
      matrix: flips ? matrix.scaled(rows: signs) : matrix,
      values: flips ? zip(rows.values, signs).map { $0 * $1 } : rows.values,
      isActive: rows.kinds.map { $0 == .known },
      rowScales: rows.deviations.map { $0 / unit }, isNonnegative: isNonnegative)
  }
}
