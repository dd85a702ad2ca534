import Documents
import Inversion
import LinearAlgebra
import Measurements
import Networks
import Testing

@Suite(.enabled(if: SharedGenerators.arePresent, "needs the folder of shared generators"))
struct RealGeneratorTests {
  @Test(arguments: SharedGenerators.files)
  func outputsAreTheTrainersOwn(file: SharedGenerators.File) throws {
    let name = file.name
    let generator = try SharedGenerators.generator(file)
    let latents = try SharedGenerators.rows(name, "latents.npy")
    let outputs = try SharedGenerators.rows(name, "outputs.npy")
    let values = generator.evaluate(latents)
    #expect(values.count == outputs.count && values.width == outputs.width)
    for row in 0..<values.count {
      #expect(RelativeError.of(values[row], outputs[row]) < 1e-5, "row \(row)")
    }
    if let range = generator.outputRange {
      #expect(values.values.allSatisfy { $0 >= range.lowerBound - 1e-6 } || name.hasPrefix("lei"))
    }
  }

  /// Against products computed in double precision.
  @Test(arguments: SharedGenerators.files)
  func derivativesAreTheTrainersOwn(file: SharedGenerators.File) throws {
    let name = file.name
    guard let derivatives = try SharedGenerators.derivatives(name) else { return }
    let generator = try SharedGenerators.generator(file)
    let latents = try SharedGenerators.rows(name, "latents.npy")
    let jacobian = generator.linearize(at: Batch(row: Array(latents[0]))).jacobian
    let pulled = jacobian.applyAdjoint(Batch(row: try #require(derivatives["cotangent"])))
    let pushed = jacobian.apply(Batch(row: try #require(derivatives["tangent"])))
    #expect(RelativeError.of(pulled.values, try #require(derivatives["pullback"])) < 1e-5)
    #expect(RelativeError.of(pushed.values, try #require(derivatives["pushforward"])) < 1e-5)
    // Seen through half of the outputs.
    let indices = Array(stride(from: 1, to: generator.outputCount, by: 2))
    let part = generator.observing(indices).chain
      .linearize(at: Batch(row: Array(latents[0]))).jacobian
    let partly = part.apply(Batch(row: derivatives["tangent"] ?? []))
    let expected = indices.map { derivatives["pushforward"]?[$0] ?? .nan }
    #expect(RelativeError.of(partly.values, expected) < 1e-5)
  }

  /// Three generators with two ONNX files and a checkpoint each, all four with safetensors.
  @Test func everyFormatIsThere() {
    #expect(SharedGenerators.files.count == 13)
  }

  /// Ten latents, seen whole, at 55 % random pixels and in the bottom half: all come back, with the
  /// solver that clients get when they name none.
  @Test(
    arguments: [
      ["type": "identity"],
      ["type": "mask", "observed": ["bernoulli": ["rate": 0.55, "seed": 5]]],
      ["type": "mask", "observed": ["rectangles": [[14, 0, 14, 28]]]],
    ] as [JSONValue])
  func plantedLatentsComeBack(document: JSONValue) throws {
    let generator = try SharedGenerators.generator("lei-vae-relu")
    let latents = try SharedGenerators.rows("lei-vae-relu", "latents.npy")
    let outputs = try SharedGenerators.rows("lei-vae-relu", "outputs.npy")
    let measurement = try MeasurementCatalogue.build(document, signalShape: generator.outputShape)
    let library = EncoderLibrary()
    for row in 0..<latents.count {
      let problem = InverseProblem(
        generator: generator, measurement: measurement,
        observation: measurement.evaluate(Batch(row: Array(outputs[row]))).values, noise: NoNoise())
      let solution = try problem.solved(seed: UInt64(row), library: library)
      #expect(RelativeError.of(solution.latent, latents[row]) < 1e-3, "latent \(row)")
      #expect(solution.termination == .converged)
      // Units that are off tell latents apart by their sign alone.
      let informativeCount = problem.observation.count { $0 > 0 }
      #expect(solution.verdict == (informativeCount > 24 ? .recovered : .consistent))
      #expect(RelativeError.of(solution.reconstruction, outputs[row]) < 1e-3)
    }
  }

  /// Two of its latents are nearly dead, which nobody may call recovered without looking.
  @Test func leakyGeneratorsAreRead() throws {
    let generator = try SharedGenerators.generator("lei-vae-leaky")
    let latents = try SharedGenerators.rows("lei-vae-leaky", "latents.npy")
    let planted = generator.evaluate(Batch(row: Array(latents[0]))).values
    let solution = try InverseProblem(generator, observation: planted).solved()
    #expect(solution.residual.relative < 1e-5)
    #expect(solution.certificate.conditionNumber > 100)
  }
}
