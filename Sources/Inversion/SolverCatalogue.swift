import Documents
import Measurements
import Networks

/// Every type of solver there is, by name.
public enum SolverCatalogue {
  public static let kinds =
    projectingKinds + LayerwiseCatalogue.kinds.filter(\.needsOptions).map(layerwise)
    + [projectedGradient]

  /// Those that find the latent of a whole signal, and so project onto what a generator makes.
  private static let projectingKinds: [SolverKind] =
    [
      automatic, levenbergMarquardt, gaussNewtonCG, lbfgs, adam, gradientDescent,
      subgradientDescent,
    ] + LayerwiseCatalogue.kinds.filter { !$0.needsOptions }.map(layerwise) + [hybrid]

  public static let defaultDocument: JSONValue = ["type": "automatic"]

  public static func build(
    _ value: JSONValue, pointer: String = "/solver"
  ) throws(DocumentError) -> any InversionSolver {
    try build(value, of: kinds, pointer: pointer)
  }

  private static func build(
    _ value: JSONValue, of kinds: [SolverKind], pointer: String
  ) throws(DocumentError) -> any InversionSolver {
    let document = try ObjectReader(value, pointer: pointer)
    let type = try document.requiredString("type")
    guard let kind = kinds.first(where: { $0.type == type }) else {
      let known = kinds.map(\.type).joined(separator: ", ")
      throw document.malformed("type", "is \"\(type.prefix(64))\"; expected one of \(known)")
    }
    let filled = try ObjectReader(try kind.filledIn(document, value), pointer: pointer)
    _ = try filled.requiredString("type")
    _ = try filled.string(SolverKind.presetField)
    let solver = try kind.build(filled)
    try filled.finish()
    return solver
  }

  /// Those whose defaults can follow a measurement.
  static func types(for measurement: any Measurement) -> [String] {
    kinds.map(\.type).filter { type in
      let solver = try? build(["type": .string(type)])
      return solver.map { $0.refusal(of: measurement) == nil } ?? false
    }
  }

  /// Those whose defaults can follow a measurement of a generator.
  static func types(for generator: Generator, through measurement: any Measurement) -> [String] {
    types(for: measurement).filter { type in
      let solver = try? build(["type": .string(type)])
      return solver.map { $0.refusal(of: generator, through: measurement) == nil } ?? false
    }
  }

  private static let restarts = Parameter<Int>(
    "restarts_max", default: 4096, in: 1...65536, "starts at most")

  private static let automatic = SolverKind(
    type: "automatic",
    summary: "chooses by the network, the measurement and the noise, and says what and why",
    parameters: [restarts, RestartBudget.secondsParameter]
  ) { document throws(DocumentError) in
    AutomaticSolver(
      restartsMax: try document.value(restarts),
      secondsMax: try document.value(RestartBudget.secondsParameter))
  }

  /// How many starts of a restarted solver advance together.
  private enum Waves {
    /// One at first, then more each time.
    case growing
    /// All, from the first iteration to the last.
    case whole
    case single
  }

  /// A plan that is carried out from several starts, with the options that all such solvers have.
  private static func restarted(
    _ type: String, _ summary: String, _ own: [any ParameterDescription],
    restarts: Parameter<Int>, _ waves: Waves, presets: [SolverKind.Preset] = [],
    plan: @escaping @Sendable (ObjectReader) throws(DocumentError) -> any DescentPlan
  ) -> SolverKind {
    SolverKind(
      type: type, summary: summary,
      parameters: own + [
        restarts, StartingPointChoice.parameter, RestartBudget.secondsParameter,
      ], presets: presets
    ) { document throws(DocumentError) in
      let restartsMax = try document.value(restarts)
      var solver = RestartedSolver(
        plan: try plan(document), starts: try StartingPointChoice(document),
        budget: RestartBudget(
          restartsMax: restartsMax,
          secondsMax: try document.value(RestartBudget.secondsParameter)))
      switch waves {
      case .growing: break
      case .whole: (solver.firstWave, solver.largestWave) = (restartsMax, restartsMax)
      case .single: solver.largestWave = 1
      }
      return solver
    }
  }

  private static let batchRestarts = Parameter<Int>(
    "restarts_max", default: 4, in: 1...4096, "starts, all advanced together")

  private static let sequentialRestarts = Parameter<Int>(
    "restarts_max", default: 4, in: 1...4096, "starts, one after the other")

  private static let levenbergMarquardt = restarted(
    LevenbergMarquardt.type,
    "damped Gauss-Newton steps with the full Jacobian, restarted until the data are met",
    [LevenbergMarquardt.iterationsParameter, LevenbergMarquardt.dampingParameter],
    restarts: restarts, .growing
  ) { document throws(DocumentError) in
    SecondOrder(
      method: LevenbergMarquardt(
        iterationsMax: try document.value(LevenbergMarquardt.iterationsParameter),
        damping: try document.value(LevenbergMarquardt.dampingParameter)))
  }

  private static let gaussNewtonCG = restarted(
    TruncatedGaussNewton.type,
    "damped Gauss-Newton steps by conjugate gradients, for latents of many entries",
    [
      TruncatedGaussNewton.iterationsParameter, TruncatedGaussNewton.dampingParameter,
      TruncatedGaussNewton.innerIterationsParameter,
    ], restarts: restarts, .growing
  ) { document throws(DocumentError) in
    SecondOrder(
      method: TruncatedGaussNewton(
        iterationsMax: try document.value(TruncatedGaussNewton.iterationsParameter),
        damping: try document.value(TruncatedGaussNewton.dampingParameter),
        innerIterationsMax: try document.value(TruncatedGaussNewton.innerIterationsParameter)))
  }

  private static let adam = restarted(
    Adam.type, "first-order steps with moment estimates, as Ma et al. (2018) invert generators",
    [Adam.iterationsParameter, Adam.rateParameter], restarts: batchRestarts, .whole,
    presets: [
      SolverKind.Preset(
        "ma2018", ["rate": 0.1, "iterations_max": 500, "restarts_max": 1, "starts": "prior"]),
      SolverKind.Preset(
        "ma2018_code",
        ["rate": 0.01, "iterations_max": 1000, "restarts_max": 1, "starts": "prior"]),
    ]
  ) { document throws(DocumentError) in
    SingleMethod(
      method: Adam(
        iterationsMax: try document.value(Adam.iterationsParameter),
        rate: try document.value(Adam.rateParameter)))
  }

  private static let gradientDescent = restarted(
    GradientDescent.type, "gradient descent with momentum and a falling rate",
    [
      GradientDescent.iterationsParameter, GradientDescent.rateParameter,
      GradientDescent.momentumParameter, GradientDescent.decayParameter,
    ], restarts: batchRestarts, .whole,
    presets: [
      SolverKind.Preset(
        "lei2019",
        [
          "rate": 1, "momentum": 0, "iterations_max": 1000, "restarts_max": 1, "starts": "prior",
        ]),
      SolverKind.Preset(
        "lei2019_trained",
        [
          "rate": 0.001, "momentum": 0, "iterations_max": 10_000, "restarts_max": 1,
          "starts": "prior",
        ]),
      // The paper's rate "gradually decays"; how is not said.
      SolverKind.Preset(
        "aberdam2020",
        [
          "rate": 0.1, "momentum": 0.9, "decay": 0.001, "iterations_max": 10_000,
          "restarts_max": 1, "starts": "prior",
        ]),
    ]
  ) { document throws(DocumentError) in
    SingleMethod(
      method: GradientDescent(
        iterationsMax: try document.value(GradientDescent.iterationsParameter),
        rate: try document.value(GradientDescent.rateParameter),
        momentum: try document.value(GradientDescent.momentumParameter),
        decay: try document.value(GradientDescent.decayParameter)))
  }

  private static let subgradientDescent = restarted(
    SubgradientDescent.type,
    "subgradient descent that gives way to the mirror image (Cocola 2022, algorithm 1)",
    [SubgradientDescent.iterationsParameter, SubgradientDescent.rateParameter],
    restarts: batchRestarts, .whole,
    // The published step is a constant times 2^d / d^2, the curvature of random networks of depth
    // d; the curvature itself takes its place.
    presets: [
      SolverKind.Preset(
        "cocola2022", ["iterations_max": 2000, "restarts_max": 1, "starts": "prior"])
    ]
  ) { document throws(DocumentError) in
    SingleMethod(
      method: SubgradientDescent(
        iterationsMax: try document.value(SubgradientDescent.iterationsParameter),
        rate: try document.value(SubgradientDescent.rateParameter)))
  }

  private static let lbfgs = restarted(
    LBFGS.type, "a model of the curvature from the last steps, with a strong Wolfe search",
    [LBFGS.iterationsParameter, LBFGS.memoryParameter], restarts: batchRestarts, .whole
  ) { document throws(DocumentError) in
    SingleMethod(
      method: LBFGS(
        iterationsMax: try document.value(LBFGS.iterationsParameter),
        memory: try document.value(LBFGS.memoryParameter)))
  }

  private static let matrixEntries = Parameter<Int>(
    "matrix_entries_max", default: LayerChain.matrixEntriesMax, in: 1...100_000_000,
    "numbers of a layer's matrix that is written down; methods that need a larger one are refused")

  /// A layer-wise method by itself.
  private static func layerwise(_ kind: LayerMethodKind) -> SolverKind {
    SolverKind(
      type: kind.type, summary: kind.summary, parameters: kind.parameters + [matrixEntries]
    ) { document throws(DocumentError) in
      LayerwiseSolver(
        type: kind.type, method: try kind.build(document),
        matrixEntriesMax: try document.value(matrixEntries))
    }
  }

  private static let hybridMethods = StructuredParameter(
    "methods",
    schema: [
      "type": "array", "minItems": 1,
      "items": ["type": "string", "enum": JSONValue(HybridSolver.methodNames.map { .string($0) })],
      "default": JSONValue(HybridSolver.defaultMethodNames.map { .string($0) }),
      "description": "the layer-wise methods whose solutions are polished, in that order",
    ])

  private static let hybrid = SolverKind(
    type: "hybrid",
    summary: "layer-wise solutions, polished end to end, then the starts of automatic",
    parameters: [hybridMethods, restarts, RestartBudget.secondsParameter, matrixEntries]
  ) { document throws(DocumentError) in
    let names =
      try document.strings(hybridMethods.name, of: HybridSolver.methodNames)
      ?? HybridSolver.defaultMethodNames
    return HybridSolver(
      search: AutomaticSolver(
        restartsMax: try document.value(restarts),
        secondsMax: try document.value(RestartBudget.secondsParameter)),
      methodNames: names, matrixEntriesMax: try document.value(matrixEntries))
  }

  private static let projection = StructuredParameter(
    "projection",
    schema: [
      "type": "object", "default": ProjectedGradient.defaultProjection,
      "properties": [
        "type": ["type": "string", "enum": JSONValue(projectingKinds.map { .string($0.type) })]
      ], "required": ["type"],
      "description": "the solver, with its options, that finds the nearest signal with a latent",
    ])

  private static let projectedGradient = restarted(
    ProjectedGradient.type,
    "gradient steps on the signal, projected by inversion, for linear measurements",
    [
      projection, ProjectedGradient.stepParameter, ProjectedGradient.iterationsParameter,
      ProjectedGradient.toleranceParameter,
    ], restarts: sequentialRestarts, .single
  ) { document throws(DocumentError) in
    ProjectedGradient(
      projection: try build(
        document.value(projection.name) ?? ProjectedGradient.defaultProjection,
        of: projectingKinds, pointer: document.pointer(to: projection.name)),
      step: try document.value(ProjectedGradient.stepParameter),
      iterationsMax: try document.value(ProjectedGradient.iterationsParameter),
      tolerance: try document.value(ProjectedGradient.toleranceParameter))
  }
}
