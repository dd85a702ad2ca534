import Documents

/// A configured way to solve inverse problems.
public protocol InversionSolver: Sendable {
  func solve(_ problem: InverseProblem, _ context: SolveContext) -> Solution
}

/// A type of solver that documents can name. Adding one is a file with the method and a line in
/// `SolverCatalogue`.
public struct SolverKind: Sendable {
  /// The value of `"type"`.
  public var type: String
  public var summary: String
  public var parameters: [any ParameterDescription]
  /// Reads the solver's options; `"type"` was read.
  public var build: @Sendable (ObjectReader) throws(DocumentError) -> any InversionSolver
}

/// Every type of solver there is, by name.
public enum SolverCatalogue {
  public static let kinds: [SolverKind] = [automatic, adam, levenbergMarquardt]

  public static let defaultDocument: JSONValue = ["type": "automatic"]

  public static func build(
    _ value: JSONValue, pointer: String = "/solver"
  ) throws(DocumentError) -> any InversionSolver {
    let document = try ObjectReader(value, pointer: pointer)
    let type = try document.requiredString("type")
    guard let kind = kinds.first(where: { $0.type == type }) else {
      let known = kinds.map(\.type).joined(separator: ", ")
      throw document.malformed("type", "is \"\(type.prefix(64))\"; expected one of \(known)")
    }
    let solver = try kind.build(document)
    try document.finish()
    return solver
  }

  private static let restarts = RestartedSolver<LevenbergMarquardt>.restartsParameter

  private static let automatic = SolverKind(
    type: "automatic",
    summary: "Levenberg-Marquardt from the affine encoder's estimate, then from draws around it",
    parameters: [restarts]
  ) { document throws(DocumentError) in
    RestartedSolver(
      method: LevenbergMarquardt(), starts: .encoder, restartsMax: try document.value(restarts),
      firstWave: 1,
      choice: "levenberg_marquardt: the latent is small enough for full second-order steps")
  }

  private static let levenbergMarquardt = SolverKind(
    type: LevenbergMarquardt.type,
    summary: "damped Gauss-Newton steps with the full Jacobian, restarted until the data are met",
    parameters: [
      LevenbergMarquardt.iterationsParameter, LevenbergMarquardt.dampingParameter, restarts,
      StartingPointChoice.parameter,
    ]
  ) { document throws(DocumentError) in
    RestartedSolver(
      method: LevenbergMarquardt(
        iterationsMax: try document.value(LevenbergMarquardt.iterationsParameter),
        damping: try document.value(LevenbergMarquardt.dampingParameter)),
      starts: try StartingPointChoice(document), restartsMax: try document.value(restarts),
      firstWave: 1)
  }

  private static let adamRestarts = Parameter<Int>(
    "restarts_max", default: 4, in: 1...4096, "starts, all advanced together")

  private static let adam = SolverKind(
    type: Adam.type,
    summary: "first-order steps with moment estimates, as Ma et al. (2018) invert generators",
    parameters: [
      Adam.iterationsParameter, Adam.rateParameter, adamRestarts, StartingPointChoice.parameter,
    ]
  ) { document throws(DocumentError) in
    let restartsMax = try document.value(adamRestarts)
    return RestartedSolver(
      method: Adam(
        iterationsMax: try document.value(Adam.iterationsParameter),
        rate: try document.value(Adam.rateParameter)),
      starts: try StartingPointChoice(document), restartsMax: restartsMax, firstWave: restartsMax)
  }
}
