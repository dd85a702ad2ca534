import Documents

/// A way to invert layers that documents can name.
struct LayerMethodKind: Sendable {
  /// The value of `"type"`.
  var type: String
  var summary: String
  var parameters: [any ParameterDescription]
  var build: @Sendable (ObjectReader) throws(DocumentError) -> any LayerMethod

  /// Whether a document has to say more than the type.
  var needsOptions: Bool { parameters.contains(where: \.isRequired) }
}

/// Every layer-wise method there is. Adding one is a file with the method and a line here.
enum LayerwiseCatalogue {
  static let kinds = [
    linearSystem, supremum, absolute, relaxed, basisPursuit, latentPursuit, oracle,
  ]

  private static let growth = Parameter<Double>(
    "tolerance_growth", default: 1.2, in: 1.01...10,
    "factor by which a tolerance that proves too small grows")

  private static let programEngine = LayerEngine.parameter()

  private static let linearSystem = LayerMethodKind(
    type: LinearSystem.type,
    summary: "one layer after the other, from the rows whose units are on (Lei et al. 2019)",
    parameters: []
  ) { _ throws(DocumentError) in LinearSystem() }

  /// A linear program for each layer, by an engine and with a tolerance that grows.
  private static func program(
    _ type: String, _ summary: String,
    _ method: @escaping @Sendable (LayerEngine, Double) -> any LayerMethod
  ) -> LayerMethodKind {
    LayerMethodKind(
      type: type, summary: summary, parameters: [programEngine, growth]
    ) { document throws(DocumentError) in
      method(try LayerEngine(document), try document.value(growth))
    }
  }

  private static let supremum = program(
    SupremumFit.type,
    "layer by layer, the largest error made small (Lei et al. 2019, algorithm 1)"
  ) { SupremumFit(engine: $0, growth: $1) }

  private static let absolute = program(
    AbsoluteFit.type,
    "layer by layer, the sum of the errors made small (Lei et al. 2019, algorithm 2)"
  ) { AbsoluteFit(engine: $0, growth: $1) }

  private static let relaxed = program(
    RelaxedFit.type,
    "layer by layer, without a word on which units are on (Lei et al. 2019, equation 8)"
  ) { RelaxedFit(engine: $0, growth: $1) }

  private static let basisPursuit = LayerMethodKind(
    type: BasisPursuit.type,
    summary: "layer by layer, sparse inputs (Aberdam et al. 2020, algorithm 1)",
    parameters: [LayerEngine.quadraticParameter]
  ) { document throws(DocumentError) in
    _ = try LayerEngine.name(in: document, of: LayerEngine.quadraticNames)
    return BasisPursuit()
  }

  private static let pursuitEngine = LayerEngine.parameter(
    LayerEngine.quadraticNames + [FirstOrderPursuit.name])
  private static let sparsity = Parameter<Double>(
    "sparsity", default: 0, in: 0...1,
    "weight of the sum of a layer's inputs, as a share of that at which all vanish")
  private static let ridge = Parameter<Double>(
    "ridge", default: 0, in: 0...1e6,
    "weight of the latent's square, as a share of a column's")
  private static let penalty = Parameter<Double>(
    "penalty", default: 1e-2, in: 1e-9...1e9, "rho of first_order's alternating directions")
  private static let iterations = Parameter<Int>(
    "iterations_max", default: 10_000, in: 1...1_000_000, "of first_order, for each layer")

  private static let debias = StructuredParameter(
    "debias",
    schema: [
      "type": "boolean", "default": false,
      "description": "whether the latent is estimated anew, end to end, on the supports found",
    ])

  private static let latentPursuit = LayerMethodKind(
    type: LatentPursuit.type,
    summary: "layer by layer, sparse inputs that agree with the units that are off (Aberdam et al. "
      + "2020, algorithm 3)",
    parameters: [pursuitEngine, sparsity, ridge, debias, penalty, iterations]
  ) { document throws(DocumentError) in
    let name = try LayerEngine.name(
      in: document, of: LayerEngine.quadraticNames + [FirstOrderPursuit.name])
    let iterations = FirstOrderPursuit(
      iterationsMax: try document.value(iterations), penalty: try document.value(penalty))
    return LatentPursuit(
      engine: name == FirstOrderPursuit.name ? .firstOrder(iterations) : .programs(LayerEngine()),
      sparsity: try document.value(sparsity), ridge: try document.value(ridge),
      debiases: try document.bool(debias.name) ?? false)
  }

  private static let latent = StructuredParameter(
    "latent",
    schema: [
      "type": "array", "items": ["type": "number"],
      "description": "the latent whose supports are taken to be known",
    ])

  private static let oracle = LayerMethodKind(
    type: Oracle.type,
    summary: "least squares on the supports of a given latent, for reference (Aberdam et al. 2020, "
      + "algorithm 4)",
    parameters: [latent]
  ) { document throws(DocumentError) in
    guard let values = try document.numbers(latent.name), !values.isEmpty else {
      throw document.malformed(
        latent.name, "is missing; expected the latent whose supports are known")
    }
    return Oracle(latent: values)
  }
}

extension LayerEngine {
  /// Engines of quadratic programs.
  static let quadraticNames = ["interior_point"]
  static let quadraticParameter = parameter(quadraticNames)

  /// Reads the option `engine`.
  init(_ document: ObjectReader) throws(DocumentError) {
    let name = try Self.name(in: document, of: Self.names)
    self = LayerEngine(Self.engines.first { $0.name == name } ?? InteriorPointEngine())
  }

  static func name(
    in document: ObjectReader, of known: [String]
  ) throws(DocumentError) -> String {
    guard let name = try document.string("engine") else { return known[0] }
    guard known.contains(name) else {
      throw document.malformed(
        "engine", "is \"\(name.prefix(64))\"; expected one of \(known.joined(separator: ", "))")
    }
    return name
  }
}
