import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

/// What was put in comes back, layer by layer: laws over all layer-wise methods.
struct LayerwiseMethodTests {
  static let types = [
    "linear_system", "linf_lp", "l1_lp", "relaxed_lp", "layered_basis_pursuit", "latent_pursuit",
    "oracle",
  ]
  static let engines = ["interior_point", "glpk_simplex", "glpk_interior_point", "glpk_exact"]

  /// The document of a method, with what it has to know beforehand.
  static func document(_ type: String, latent: [Float], engine: String? = nil) -> JSONValue {
    var document: JSONObject = ["type": .string(type)]
    if type == "oracle" { document["latent"] = JSONValue(latent) }
    document["engine"] = engine.map(JSONValue.string)
    return .object(document)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var widths: [Int]
    var inside: JSONValue
    var end: JSONValue
    var testDescription: String {
      "\(widths) \(inside.object?["type"]?.string ?? "") \(end.object?["type"]?.string ?? "")"
    }
  }

  static let cases = [
    Case(widths: [6, 40, 120], inside: ["type": "relu"], end: ["type": "relu"]),
    Case(widths: [6, 40, 120], inside: ["type": "relu"], end: ["type": "sigmoid"]),
    Case(widths: [6, 30, 80, 240], inside: ["type": "relu"], end: ["type": "tanh"]),
    Case(
      widths: [6, 20, 50], inside: ["type": "leaky_relu", "negative_slope": 0.2],
      end: ["type": "leaky_relu", "negative_slope": 0.2]),
    Case(
      widths: [6, 30, 100], inside: ["type": "relu"],
      end: ["type": "piecewise_linear", "alpha": 0.1, "c": 1]),
    Case(
      widths: [6, 30, 100], inside: ["type": "relu"],
      end: ["type": "hardtanh", "min_val": -3, "max_val": 3]),
  ]

  private static func generator(_ planted: Case, seed: UInt64) throws -> Generator {
    try SmallGenerators.ending(planted.widths, planted.inside, planted.end, seed: seed)
  }

  /// Five digits of single-precision observations, by every method on every kind of network whose
  /// layers have twice as many rows as inputs and more.
  @Test(arguments: cases, types)
  func plantedLatentsComeBack(planted: Case, type: String) throws {
    for seed in 2100..<2104 as Range<UInt64> {
      let generator = try Self.generator(planted, seed: seed)
      let problem = PlantedProblem(generator, seed: seed)
      let solution = try problem.problem.solved(
        by: Self.document(type, latent: problem.latent), seed: seed)
      #expect(problem.relativeError(of: solution) < 1e-5, "seed \(seed)")
      #expect(solution.solver == type && solution.verdict == .recovered)
      let certificate = try #require(solution.layerwise)
      #expect(certificate.method == type && certificate.layers.count == planted.widths.count - 1)
      for layer in certificate.layers {
        #expect(layer.isDetermined && layer.knownCount >= layer.columnCount)
        #expect(layer.violation < 1e-4)
        guard let program = layer.program, program.engine == "interior_point" else { continue }
        #expect(program.status == "optimal" && program.iterations > 0)
        #expect((program.relativeGap ?? 1) < 1e-7)
      }
      #expect(certificate.conditions.isEachLayerDetermined)
    }
  }

  /// Observations in double precision: the last digits are those of the method.
  @Test(arguments: cases, types)
  func doublePrecisionLeavesTenDigits(planted: Case, type: String) throws {
    for seed in 2110..<2113 as Range<UInt64> {
      let generator = try Self.generator(planted, seed: seed)
      let chain = LayerChain(generator)
      var random = RandomNumbers(seed: seed, stream: 3)
      let latent = (0..<generator.inputCount).map { _ in random.normal() }
      let signals = chain.signals(at: latent)
      var document: JSONObject = ["type": .string(type)]
      if type == "oracle" { document["latent"] = .numbers(latent) }
      let outcome = try LayerwiseInversion(chain: chain, document: .object(document))
        .invert(LayerObservation(precise: signals[signals.count - 1]))
      #expect(Self.relativeError(outcome.latent, latent) < 1e-9, "seed \(seed)")
      for (estimate, signal) in zip(outcome.inputs, signals) {
        #expect(Self.relativeError(estimate, signal) < 1e-9)
      }
    }
  }

  static func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
    let square = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (square / expected.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }

  /// All engines solve the same programs.
  @Test(arguments: ["linf_lp", "l1_lp", "relaxed_lp"], engines)
  func enginesAgree(type: String, engine: String) throws {
    let generator = try Self.generator(Self.cases[0], seed: 2120)
    let problem = PlantedProblem(generator, seed: 2120)
    let solution = try problem.problem.solved(
      by: Self.document(type, latent: [], engine: engine), seed: 1)
    #expect(problem.relativeError(of: solution) < 1e-5)
    let layers = try #require(solution.layerwise).layers
    #expect(layers.allSatisfy { $0.program?.engine == engine && $0.program?.status == "optimal" })
  }

  /// The published iterations end where the interior point does.
  @Test(arguments: cases)
  func publishedIterationsAgree(planted: Case) throws {
    let generator = try Self.generator(planted, seed: 2130)
    let problem = PlantedProblem(generator, seed: 2130)
    let solution = try problem.problem.solved(
      by: Self.document("latent_pursuit", latent: [], engine: "first_order"))
    #expect(problem.relativeError(of: solution) < 1e-3)
    let layers = try #require(solution.layerwise).layers
    #expect(layers.allSatisfy { $0.program?.engine == "first_order" })
  }

  /// Rows that a mask hides are left out of the last layer.
  @Test(arguments: types)
  func masksAreFollowed(type: String) throws {
    let generator = try Self.generator(Self.cases[1], seed: 2140)
    let mask = try MeasurementCatalogue.build(
      ["type": "mask", "observed": ["bernoulli": ["rate": 0.7, "seed": 5]]],
      signalShape: generator.outputShape)
    let problem = PlantedProblem(generator, mask, seed: 2140)
    let solution = try problem.problem.solved(by: Self.document(type, latent: problem.latent))
    #expect(problem.relativeError(of: solution) < 1e-5)
    #expect(solution.layerwise?.layers.last?.rowCount == mask.outputCount)
  }

  /// Weights and signals of any scale: the tolerances are all relative.
  @Test(arguments: types, [Float(1e-6), 1e6])
  func scalesDoNotMatter(type: String, scale: Float) throws {
    var random = RandomNumbers(seed: 2150)
    let rows = (0..<60).map { _ in (0..<5).map { _ in scale * Float(random.normal()) } }
    let generator = try SmallGenerators.linear(rows, then: ["type": "relu"])
    let problem = PlantedProblem(generator, seed: 2150)
    let solution = try problem.problem.solved(by: Self.document(type, latent: problem.latent))
    #expect(problem.relativeError(of: solution) < 1e-5)
  }
}
