import BundledGenerators
import Documents
import Networks
import WeightFormats

/// A trained generator and the weights of its layers.
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
    try self.init(bundled.name, weightsPath: bundled.weightsPath, architecture: nil)
  }

  /// - Parameter folder: with the generator's `weights.safetensors` and `architecture.json`.
  /// - Throws: when one of them cannot be read.
  init(_ name: String, inFolder folder: String) throws {
    let document = try FileBytes(path: "\(folder)/architecture.json")
    try self.init(
      name, weightsPath: "\(folder)/weights.safetensors",
      architecture: try JSONParser().parse(document.read(at: 0, count: document.byteCount)))
  }

  /// The outside generator where its folder is known, else a bundled one.
  init(_ name: String, inFolder folder: String?, else bundled: BundledGenerator) throws {
    if let folder { try self.init(name, inFolder: folder) } else { try self.init(bundled) }
  }

  /// - Parameter architecture: `nil` for the one in the file of the weights.
  private init(_ name: String, weightsPath: String, architecture: JSONValue?) throws {
    self.name = name
    let file = try FileBytes(path: weightsPath)
    let loaded = try WeightFormats.generator(in: file, architecture: architecture)
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
