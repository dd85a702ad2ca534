import BundledGenerators
import Documents
import Networks
import WeightFormats

/// A generator that comes with the product, and the weights of its layers.
struct TrainedNetwork {
  let name: String
  let generator: Generator
  /// From the latent to the output.
  let layers: [Layer]

  struct Layer {
    /// As architecture documents call it.
    var type: String
    var weight: Tensor
  }

  /// - Throws: when the file cannot be read.
  init(_ bundled: BundledGenerator) throws {
    name = bundled.name
    let file = try FileBytes(path: bundled.weightsPath)
    let loaded = try WeightFormats.generator(in: file)
    generator = loaded.generator
    let tensors = try WeightFormats.tensors(in: file, of: loaded.architecture)
    layers = (loaded.architecture.object?["layers"]?.elements ?? []).compactMap { layer in
      guard let type = layer.object?["type"]?.string,
        let name = layer.object?["weight"]?.string, let weight = tensors[name],
        weight.shape.count > 1
      else { return nil }
      return Layer(type: type, weight: weight)
    }
  }
}
