import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks

/// Generators that are small enough for many inversions, drawn from a seed.
enum SmallGenerators {
  /// A perceptron with an activation after each layer.
  ///
  /// - Parameter final: whether one follows the last layer too.
  static func perceptron(
    _ widths: [Int], _ activation: JSONValue?, final: Bool = true, seed: UInt64
  ) throws -> Generator {
    var random = RandomNumbers(seed: seed, stream: 0x67656e)
    var layers: [JSONValue] = []
    var tensors: [String: Tensor] = [:]
    for (layer, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      let scale = (2 / Double(inputs)).squareRoot()
      tensors["w\(layer)"] = Tensor(
        shape: [outputs, inputs],
        values: (0..<inputs * outputs).map { _ in Float(scale * random.normal()) })
      tensors["b\(layer)"] = Tensor(
        shape: [outputs], values: (0..<outputs).map { _ in Float(0.1 * random.normal()) })
      layers.append([
        "type": "linear", "weight": .string("w\(layer)"), "bias": .string("b\(layer)"),
      ])
      if let activation, final || layer < widths.count - 2 { layers.append(activation) }
    }
    return try generator(layers, tensors, latentCount: widths[0], outputCount: widths.last ?? 0)
  }

  /// A perceptron with one activation inside and another at its end.
  static func ending(
    _ widths: [Int], _ inside: JSONValue, _ end: JSONValue, seed: UInt64
  ) throws -> Generator {
    let network = try perceptron(widths, inside, final: false, seed: seed)
    return try generator(
      dense(network, inside) + [end], tensors(network), latentCount: widths[0],
      outputCount: widths.last ?? 0)
  }

  /// `W2 (z + relu(W1 z))`
  static func residual(width: Int, outputs: Int, seed: UInt64) throws -> Generator {
    let network = try perceptron([width, width, outputs], nil, seed: seed)
    return try generator(
      [
        ["type": "linear", "weight": "w0", "bias": "b0"],
        ["type": "relu", "name": "branch"], ["type": "add", "from": ["latent", "branch"]],
        ["type": "linear", "weight": "w1", "bias": "b1"],
      ], tensors(network), latentCount: width, outputCount: outputs)
  }

  /// The dense layers of a perceptron as documents, with an activation between them.
  private static func dense(_ network: Generator, _ activation: JSONValue) -> [JSONValue] {
    let count = network.stages.count { $0 is AffineMap }
    return (0..<count).flatMap { layer -> [JSONValue] in
      let linear: JSONValue = [
        "type": "linear", "weight": .string("w\(layer)"), "bias": .string("b\(layer)"),
      ]
      return layer < count - 1 ? [linear, activation] : [linear]
    }
  }

  private static func tensors(_ network: Generator) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    let maps = network.stages.compactMap { $0 as? AffineMap }
    for (layer, map) in maps.enumerated() {
      guard let dense = map.linear as? DenseMap else { continue }
      tensors["w\(layer)"] = Tensor(
        shape: [dense.outputCount, dense.inputCount], values: dense.matrix)
      tensors["b\(layer)"] = Tensor(shape: [dense.outputCount], values: map.offset ?? [])
    }
    return tensors
  }

  /// One linear layer with the given matrix, `[outputs][inputs]`.
  static func linear(
    _ rows: [[Float]], offset: [Float]? = nil, then activation: JSONValue? = nil
  ) throws -> Generator {
    var tensors = ["w": Tensor(shape: [rows.count, rows[0].count], values: rows.flatMap { $0 })]
    if let offset { tensors["b"] = Tensor(shape: [offset.count], values: offset) }
    let layer: JSONValue = ["type": "linear", "weight": "w", "bias": offset == nil ? .null : "b"]
    return try generator(
      [layer] + (activation.map { [$0] } ?? []), tensors, latentCount: rows[0].count,
      outputCount: rows.count)
  }

  static func randomLinear(_ latentCount: Int, _ outputCount: Int, seed: UInt64) throws -> Generator
  {
    try perceptron([latentCount, outputCount], nil, seed: seed)
  }

  private static func generator(
    _ layers: [JSONValue], _ tensors: [String: Tensor], latentCount: Int, outputCount: Int
  ) throws -> Generator {
    try Generator(
      architecture: [
        "version": 1, "latent": ["shape": JSONValue([latentCount])],
        "output": ["shape": JSONValue([outputCount])], "layers": .array(layers),
      ], tensors: tensors)
  }
}

/// An inverse problem whose answer is known.
struct PlantedProblem {
  let latent: [Float]
  let problem: InverseProblem

  /// - Parameter sigma: of the errors that are added; declared unless `declared` says otherwise.
  init(
    _ generator: Generator, _ measurement: any Measurement, sigma: Double = 0,
    declared: (any NoiseModel)? = nil, seed: UInt64
  ) {
    var random = RandomNumbers(seed: seed, stream: 0x706c_616e)
    let z = generator.drawLatents(count: 1, from: &random)
    let observation = measurement.evaluate(generator.evaluate(z)).values.map {
      sigma == 0 ? $0 : $0 + Float(sigma * random.normal())
    }
    latent = z.values
    problem = InverseProblem(
      generator: generator, measurement: measurement, observation: observation,
      noise: declared ?? (sigma == 0 ? NoNoise() : GaussianNoise(sigma: sigma)))
  }

  init(_ generator: Generator, seed: UInt64) {
    self.init(generator, IdentityMeasurement(count: generator.outputCount), seed: seed)
  }

  /// `|z - z*| / |z*|`
  func relativeError(of solution: Solution) -> Double {
    RelativeError.of(solution.latent, latent)
  }
}

enum RelativeError {
  static func of(_ found: some Collection<Float>, _ expected: some Collection<Float>) -> Double {
    let differences = zip(found, expected).map { $0 - $1 }
    return (sumOfSquares(differences) / sumOfSquares(Array(expected))).squareRoot()
  }
}

extension InverseProblem {
  func solved(
    by solver: JSONValue = SolverCatalogue.defaultDocument, seed: UInt64 = 1,
    control: SolveControl = .init(), library: EncoderLibrary = EncoderLibrary()
  ) throws -> Solution {
    try SolverCatalogue.build(solver).solve(
      self,
      SolveContext(seed: seed, control: control, library: library, generatorKey: "generator"))
  }

  /// The problem with an observation of its own.
  init(_ generator: Generator, observation: [Float], noise: any NoiseModel = NoNoise()) {
    self.init(
      generator: generator, measurement: IdentityMeasurement(count: generator.outputCount),
      observation: observation, noise: noise)
  }
}
