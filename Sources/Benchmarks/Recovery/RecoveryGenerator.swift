import BundledGenerators
import Documents
import LinearAlgebra
import Networks

/// Where a generator of the recovery table comes from.
enum RecoveryGenerator {
  case bundled(BundledGenerator)
  /// A folder beside the others.
  case folder(String)
  /// A perceptron without biases and with Gaussian weights: ReLU inside, `final` at the end.
  case random([Int], final: String)

  var name: String {
    switch self {
    case .bundled(let generator): generator.name
    case .folder(let name): name
    case .random(let widths, let final):
      widths.map(String.init).joined(separator: "-") + " " + final
    }
  }

  /// `nil` when it is one of a folder that was not given.
  ///
  /// - Parameter generators: the folder of generators.
  func load(from generators: String?) throws -> Generator? {
    switch self {
    case .bundled(let generator): return try BenchmarkGenerator(generator).generator
    case .folder(let name):
      return try generators.map { try BenchmarkGenerator(folder: "\($0)/\(name)").generator }
    case .random(let widths, let final): return try Self.perceptron(widths, final: final)
    }
  }

  /// Weights N(0, 1 / inputs), so that tanh is not saturated; scale is nothing to ReLU.
  private static func perceptron(_ widths: [Int], final: String) throws -> Generator {
    var random = RandomNumbers(seed: UInt64(widths[0] * 10_000 + widths[1]), stream: 1)
    var tensors: [String: Tensor] = [:]
    var layers: [JSONValue] = []
    for (layer, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
      let deviation = (1 / Double(inputs)).squareRoot()
      tensors["w\(layer)"] = Tensor(
        shape: [outputs, inputs],
        values: (0..<inputs * outputs).map { _ in Float(deviation * random.normal()) })
      let isLast = layer == widths.count - 2
      layers += [
        ["type": "linear", "weight": .string("w\(layer)"), "bias": .null],
        ["type": .string(isLast ? final : "relu")],
      ]
    }
    return try Generator(
      architecture: [
        "version": 1, "latent": ["shape": JSONValue([widths[0]])],
        "output": ["shape": JSONValue([widths[widths.count - 1]])], "layers": .array(layers),
      ], tensors: tensors)
  }
}
