import BundledGenerators
import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing
import WeightFormats

/// Shares of planted latents that come back, at a size that tests can afford; `Benchmarks recovery`
/// has the whole table.
struct RecoveryTests {
  private static let topHalf: JSONValue = [
    "type": "mask", "observed": ["rectangles": [[0, 0, 14, 28]]],
  ]
  private static let leftHalf: JSONValue = [
    "type": "mask", "observed": ["rectangles": [[0, 0, 28, 14]]],
  ]
  private static let random: JSONValue = [
    "type": "mask", "observed": ["bernoulli": ["rate": 0.55, "seed": 5]],
  ]
  private static let projections: JSONValue = ["type": "gaussian", "rows": 80, "seed": 5]
  private static let magnitudes: JSONValue = [
    "type": "phaseless", "of": ["type": "gaussian", "rows": 500, "seed": 5],
  ]

  @Test(arguments: [["type": "identity"], random, topHalf, leftHalf] as [JSONValue])
  func bundled(document: JSONValue) throws {
    let generator = try WeightFormats.generator(
      in: FileBytes(path: BundledGenerator.fashionMLP.weightsPath)
    ).generator
    try expectRecovery(generator, document, share: 0.97)
  }

  @Test(
    .enabled(if: SharedGenerators.arePresent, "needs the folder of shared generators"),
    arguments: [
      (["type": "identity"], 0.99), (random, 0.99), (topHalf, 0.95), (leftHalf, 0.95),
      (projections, 0.95), (["type": "downsample", "factor": 2], 0.95), (magnitudes, 0.9),
    ] as [(JSONValue, Double)])
  func trainedWithReLU(document: JSONValue, share: Double) throws {
    try expectRecovery(SharedGenerators.generator("lei-vae-relu"), document, share: share)
  }

  @Test(
    .enabled(if: SharedGenerators.arePresent, "needs the folder of shared generators"),
    arguments: [random, topHalf, projections, magnitudes, ["type": "downsample", "factor": 4]]
      as [JSONValue])
  func trainedWithLeakyReLU(document: JSONValue) throws {
    try expectRecovery(SharedGenerators.generator("lei-vae-leaky"), document, share: 0.99)
  }

  /// Of 40 draws, those whose Jacobian at the planted latent has full rank: no fewer come back than
  /// three deviations of a binomial number below its mean; and none that is called recovered is wrong.
  private func expectRecovery(
    _ generator: Generator, _ document: JSONValue, share: Double
  ) throws {
    let measurement = try MeasurementCatalogue.build(document, signalShape: generator.outputShape)
    let library = EncoderLibrary()
    var identifiable = 0
    var found = 0
    for seed in 5000..<5040 as Range<UInt64> {
      let planted = PlantedProblem(generator, measurement, seed: seed)
      let solution = try planted.problem.solved(seed: seed, library: library)
      let isFound = planted.relativeError(of: solution) <= 1e-3
      let isIdentifiable =
        Certificate.rank(of: planted.problem, at: planted.latent) == planted.latent.count
      if isIdentifiable { identifiable += 1 }
      if isIdentifiable && isFound { found += 1 }
      if solution.verdict == .recovered {
        #expect(isFound && isIdentifiable, "seed \(seed)")
      }
    }
    let mean = share * Double(identifiable)
    let least = mean - 3 * (mean * (1 - share)).squareRoot()
    #expect(Double(found) >= least, "\(found) of \(identifiable)")
  }
}
