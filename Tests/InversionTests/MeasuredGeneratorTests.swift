import BundledGenerators
import Documents
import Foundation
import Inversion
import LinearAlgebra
import Measurements
import Networks
import SignalFormats
import Testing
import WeightFormats

/// A trained generator that comes with the product, seen through every kind of measurement: planted
/// latents come back.
struct MeasuredGeneratorTests {
  private static let generator: Result<Generator, any Error> = Result {
    let weights = try WeightFormats.read(
      MemoryBytes([UInt8](try Data(contentsOf: path(BundledGenerator.fashionMLP.weightsPath)))))
    return try Generator(architecture: weights.architecture ?? .null, tensors: weights.tensors)
  }

  private static func path(_ file: String) -> URL { URL(fileURLWithPath: file) }

  private static let latents: Result<Batch, any Error> = Result {
    let file = try Data(contentsOf: path(BundledGenerator.fashionMLP.referenceLatentsPath))
    let array = try NPY.read([UInt8](file))
    return Batch(count: array.shape[0], width: array.shape[1], values: array.values)
  }

  /// The five reference latents, with the solver that clients get when they name none.
  @Test(
    arguments: [
      ["type": "gaussian", "rows": 200, "seed": 1], ["type": "downsample", "factor": 2],
      ["type": "blur", "sigma": 1], ["type": "circulant", "rows": 200, "seed": 1],
      ["type": "fourier", "rows": 200, "seed": 1],
      ["type": "phaseless", "of": ["type": "gaussian", "rows": 500, "seed": 1]],
      [
        "type": "compose",
        "of": [["type": "blur", "sigma": 1], ["type": "gaussian", "rows": 200, "seed": 2]],
      ],
      ["type": "spiked_wigner"],
    ] as [JSONValue])
  func plantedLatentsComeBack(document: JSONValue) throws {
    let generator = try Self.generator.get()
    let latents = try Self.latents.get()
    let measurement = try MeasurementCatalogue.build(document, signalShape: generator.outputShape)
    let library = EncoderLibrary()
    for row in 0..<latents.count {
      let latent = Batch(row: Array(latents[row]))
      let planted = generator.evaluate(latent)
      let problem = InverseProblem(
        generator: generator, measurement: measurement,
        observation: measurement.evaluate(planted).values, noise: NoNoise())
      let solution = try problem.solved(seed: UInt64(row), library: library)
      #expect(RelativeError.of(solution.latent, latents[row]) < 1e-3, "latent \(row)")
      #expect(RelativeError.of(solution.reconstruction, planted.values) < 1e-3)
      #expect(solution.termination == .converged && solution.verdict == .recovered)
    }
  }

  /// Signs leave a cell of latents open, which more of them make smaller. The solver ends on its
  /// edge, where rounding may turn a few of them: what counts is how far they lie on the wrong side.
  /// Nobody claims that the latent is the only one.
  @Test func signsAreMet() throws {
    let generator = try Self.generator.get()
    let latents = try Self.latents.get()
    let measurement = try MeasurementCatalogue.build(
      ["type": "one_bit", "of": ["type": "gaussian", "rows": 4000, "seed": 1], "dither": 0.2],
      signalShape: generator.outputShape)
    let library = EncoderLibrary()
    for row in 0..<latents.count {
      let planted = generator.evaluate(Batch(row: Array(latents[row])))
      let problem = InverseProblem(
        generator: generator, measurement: measurement,
        observation: measurement.evaluate(planted).values, noise: NoNoise())
      let solution = try problem.solved(seed: UInt64(row), library: library)
      let loss = problem.objective.losses(at: Batch(row: solution.latent))[0]
      #expect(loss <= 1e-10 * problem.objective.scale)
      #expect(solution.verdict == .ambiguous && solution.termination == .converged)
      #expect(RelativeError.of(solution.reconstruction, planted.values) < 0.05)
    }
  }
}
