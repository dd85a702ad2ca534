import Documents
import Foundation
import LinearAlgebra
import Networks
import SignalFormats
import Testing
import WeightFormats

/// The trained generators that lie beside the repository in a folder `shared`, or in the one that
/// the environment names as `PREIMAGE_SHARED`. They are not part of the repository: what uses them
/// is skipped where they are not.
enum SharedGenerators {
  static let folder: URL? = {
    var candidates: [URL] = []
    if let named = ProcessInfo.processInfo.environment["PREIMAGE_SHARED"] {
      candidates.append(URL(fileURLWithPath: named))
    }
    var place = URL(fileURLWithPath: #filePath)
    while place.path != "/" {
      place.deleteLastPathComponent()
      candidates.append(place.appendingPathComponent("shared"))
    }
    return candidates.map { $0.appendingPathComponent("generators") }.first {
      FileManager.default.fileExists(atPath: $0.appendingPathComponent("README.md").path)
    }
  }()

  static var arePresent: Bool { folder != nil }

  static let names = ["lei-vae-relu", "lei-vae-leaky", "fashion-vae", "face-dcgan"]

  static func bytes(_ name: String, _ file: String) throws -> [UInt8]? {
    guard let url = folder?.appendingPathComponent(name).appendingPathComponent(file),
      FileManager.default.fileExists(atPath: url.path)
    else { return nil }
    return [UInt8](try Data(contentsOf: url))
  }

  /// One generator as one of its files has it.
  struct File: Sendable, CustomTestStringConvertible {
    var name: String
    var file: String
    var testDescription: String { "\(name)/\(file)" }
  }

  /// Each generator in each format that it is there in: safetensors, ONNX by both exporters, the
  /// authors' own checkpoints.
  static let files: [File] = names.flatMap { name in
    [
      "weights.safetensors", "torch-export.onnx", "torch-export-legacy.onnx", "checkpoint.pth",
      "checkpoint.tar",
    ].filter { (try? bytes(name, $0)) ?? nil != nil }.map { File(name: name, file: $0) }
  }

  static func generator(_ name: String) throws -> Generator {
    try generator(File(name: name, file: "weights.safetensors"))
  }

  /// An ONNX file says itself what its layers are.
  static func generator(_ file: File) throws -> Generator {
    let architecture: JSONValue? =
      file.file.hasSuffix(".onnx")
      ? Optional.none : try JSONParser().parse(bytes(file.name, "architecture.json") ?? [])
    let source = MemoryBytes(try bytes(file.name, file.file) ?? [])
    return try WeightFormats.generator(in: source, architecture: architecture).generator
  }

  /// `latents.npy` or `outputs.npy`: one sample a row.
  static func rows(_ name: String, _ file: String) throws -> Batch {
    let array = try NPY.read(bytes(name, file) ?? [])
    return Batch(
      count: array.shape[0], width: array.values.count / array.shape[0], values: array.values)
  }

  /// The arrays of `derivatives.npz` by name; `nil` when the generator has none.
  static func derivatives(_ name: String) throws -> [String: [Float]]? {
    guard let archive = try bytes(name, "derivatives.npz") else { return nil }
    return try WeightFormats.read(MemoryBytes(archive)).states[0].tensors.mapValues(\.values)
  }
}
