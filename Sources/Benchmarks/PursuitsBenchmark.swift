import BundledGenerators
import Documents
import Inversion
import LinearAlgebra
import Networks

/// Latent-Pursuit by the interior-point engine and by its published iterations, on whole networks, from
/// observations in double precision, without crossover.
struct PursuitsBenchmark {
  var rounds: Int
  var seed: UInt64

  /// Iterations that the published scheme is given for each layer.
  private static let iterations = [1000, 10_000, 100_000]

  func print() throws {
    var table = Table(["network", "engine", "ms", "latent error", "times as long"])
    let perceptron = RecoveryGenerator.random([20, 100, 500], final: "tanh")
    let networks: [RecoveryGenerator] = [perceptron, .bundled(.fashionMLP)]
    for network in networks {
      guard let generator = try network.load(from: nil) else { continue }
      let chain = LayerChain(generator)
      var random = RandomNumbers(seed: seed, stream: 0x7075_7273)
      let latent = (0..<generator.inputCount).map { _ in random.normal() }
      let signals = chain.signals(at: latent)
      // Errors of no size: without any, crossover would make up for what the programs leave.
      let observation = LayerObservation(
        precise: signals[signals.count - 1], deviation: 1e-13)
      var documents: [(name: String, document: JSONValue)] = [
        ("interior_point", ["type": "latent_pursuit"])
      ]
      documents += Self.iterations.map { count in
        (
          "first_order, \(count) iterations",
          ["type": "latent_pursuit", "engine": "first_order", "iterations_max": JSONValue(count)]
        )
      }
      var fastest = documents.map { _ in Double.infinity }
      var errors = documents.map { _ in Double.infinity }
      for _ in 0..<rounds {
        for (place, entry) in documents.enumerated() {
          let inversion = try LayerwiseInversion(chain: chain, document: entry.document)
          let (seconds, outcome) = try Stopwatch.seconds { try inversion.invert(observation) }
          fastest[place] = min(fastest[place], seconds)
          errors[place] = Self.relativeError(outcome.latent, latent)
        }
      }
      for (place, entry) in documents.enumerated() {
        table.add([
          network.name, entry.name, (1e3 * fastest[place]).text(), errors[place].text(2),
          (fastest[place] / fastest[0]).text(),
        ])
      }
    }
    table.print()
  }

  private static func relativeError(_ found: [Double], _ planted: [Double]) -> Double {
    let square = zip(found, planted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return (square / planted.reduce(0) { $0 + $1 * $1 }).squareRoot()
  }
}
