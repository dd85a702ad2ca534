import BundledGenerators
import Documents
import Foundation
import LinearAlgebra
import Networks
import SignalFormats
import WeightFormats

/// A generator with outputs whose latents are known.
struct BenchmarkGenerator {
  let name: String
  let generator: Generator
  /// One sample a row.
  let latents: Batch
  let outputs: Batch

  /// - Parameter folder: with `weights.safetensors`, `architecture.json`, `latents.npy` and
  ///   `outputs.npy`.
  init(folder: String) throws {
    name = URL(fileURLWithPath: folder).lastPathComponent
    let architecture = try JSONParser().parse(Self.bytes("\(folder)/architecture.json"))
    generator = try WeightFormats.generator(
      in: FileBytes(path: "\(folder)/weights.safetensors"), architecture: architecture
    ).generator
    latents = try Self.rows("\(folder)/latents.npy")
    outputs = try Self.rows("\(folder)/outputs.npy")
  }

  init(_ bundled: BundledGenerator) throws {
    name = bundled.name
    generator = try WeightFormats.generator(in: FileBytes(path: bundled.weightsPath)).generator
    latents = try Self.rows(bundled.referenceLatentsPath)
    outputs = try Self.rows(bundled.referenceOutputsPath)
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  private static func rows(_ path: String) throws -> Batch {
    let array = try NPY.read(bytes(path))
    let count = array.shape.first ?? 1
    return Batch(count: count, width: array.values.count / max(count, 1), values: array.values)
  }
}
