import Documents
import Inversion
import Measurements

/// A solver with the name that tables and legends have for it.
struct NamedSolver {
  let name: String
  private let solver: any InversionSolver

  /// - Throws: `DocumentError` when the catalogue does not know the document.
  init(_ name: String, _ document: JSONValue) throws(DocumentError) {
    self.name = name
    solver = try SolverCatalogue.build(document)
  }

  /// Adam as Ma et al. (2018, section 4.3) run it: rate 0.1, 500 iterations, one start.
  static func adam() throws(DocumentError) -> NamedSolver {
    try NamedSolver("Adam (ma2018)", ["type": "adam", "preset": "ma2018"])
  }

  static let subgradientName = "subgradient (cocola2022)"

  /// Algorithm 1 of Cocola (2022), one start.
  ///
  /// - Parameter rate: length of a step; `nil` for one over the curvature at the start.
  static func subgradientDescent(rate: Double?) throws(DocumentError) -> NamedSolver {
    try NamedSolver(
      subgradientName,
      [
        "type": "subgradient_descent", "preset": "cocola2022",
        "rate": rate.map(JSONValue.number) ?? .null,
      ])
  }

  static let automaticName = "automatic"

  /// The product's own choice.
  static func automatic() throws(DocumentError) -> NamedSolver {
    try NamedSolver(automaticName, SolverCatalogue.defaultDocument)
  }

  /// As above, with so many starts at most.
  static func automatic(restartsMax: Int) throws(DocumentError) -> NamedSolver {
    try NamedSolver(
      automaticName, ["type": "automatic", "restarts_max": JSONValue(restartsMax)])
  }

  /// Layer-wise solutions, polished end to end, and then as above.
  static func hybrid(restartsMax: Int) throws(DocumentError) -> NamedSolver {
    try NamedSolver("hybrid", ["type": "hybrid", "restarts_max": JSONValue(restartsMax)])
  }

  /// A method of the catalogue with its defaults, by its type.
  static func plain(_ type: String) throws(DocumentError) -> NamedSolver {
    try NamedSolver(type, ["type": .string(type)])
  }

  /// From latents drawn at random, without an encoder.
  static func levenbergMarquardt(restartsMax: Int) throws(DocumentError) -> NamedSolver {
    try NamedSolver(
      "levenberg_marquardt",
      [
        "type": "levenberg_marquardt", "restarts_max": JSONValue(restartsMax), "starts": "prior",
      ])
  }

  /// Projected gradient descent from one start, the affine encoder's.
  ///
  /// - Parameter projection: of the solver that finds the nearest signal with a latent.
  static func projectedGradient(
    _ name: String, projection: JSONValue, iterations: Int
  ) throws(DocumentError) -> NamedSolver {
    try NamedSolver(
      name,
      [
        "type": "projected_gradient", "projection": projection,
        "iterations_max": JSONValue(iterations), "restarts_max": 1,
      ])
  }

  static let gradientDescentName = "gradient_descent"

  /// Gradient descent from one start, as a paper ran it.
  static func gradientDescent(preset: String) throws(DocumentError) -> NamedSolver {
    try NamedSolver(
      gradientDescentName, ["type": .string(gradientDescentName), "preset": .string(preset)])
  }

  /// Whether the method works with what that measurement shows.
  func canFollow(_ measurement: any Measurement) -> Bool { solver.refusal(of: measurement) == nil }

  /// - Parameters:
  ///   - generatorKey: the same key, the same generator, within one library.
  ///   - seed: of the starts.
  func solve(
    _ planted: PlantedProblem, seed: UInt64, library: EncoderLibrary, generatorKey: String
  ) -> Solution {
    solver.solve(
      planted.problem, SolveContext(seed: seed, library: library, generatorKey: generatorKey))
  }
}
