import Documents
import Foundation
import LinearAlgebra
import Networks
import Testing
import WeightFormats

/// Files as PyTorch's two exporters write them give what PyTorch computes: small ones of every kind
/// of layer, made by `Fixtures/make_onnx.py`, and the real generators.
@Suite struct ONNXExportTests {
  static let fixtures = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures").path

  /// The largest difference to the expected outputs, relative to their largest entry.
  private func error(of model: String, latents: String, outputs: String) throws -> Float {
    let file = try WeightFormats.read(try FileBytes(path: model))
    #expect(file.format == "onnx")
    let generator = try Generator(
      architecture: try #require(file.architecture), tensors: file.tensors)
    let values = generator.evaluate(try rows(latents, width: generator.inputCount)).values
    let expected = try rows(outputs, width: generator.outputCount).values
    try #require(values.count == expected.count)
    let scale = expected.map(abs).max() ?? 1
    return zip(values, expected).map { abs($0 - $1) }.max().map { $0 / scale } ?? .infinity
  }

  /// A NumPy file of little-endian 32-bit floats as rows.
  private func rows(_ path: String, width: Int) throws -> Batch {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    try #require(bytes.count > 10 && String(decoding: bytes[1..<6], as: UTF8.self) == "NUMPY")
    let start = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    try #require(String(decoding: bytes[10..<start], as: UTF8.self).contains("'<f4'"))
    let values = stride(from: start, to: bytes.count, by: 4).map { place in
      Float(bitPattern: bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
    try #require(values.count % width == 0)
    return Batch(count: values.count / width, width: width, values: values)
  }

  /// `MODEL.EXPORT.onnx`.
  static let exports: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: fixtures)) ?? []
    return names.filter { $0.hasSuffix(".onnx") }.sorted()
  }()

  /// Of 23 small generators by both exporters, of opsets 9 to 21, with an open batch and fixed ones,
  /// and one that is made by hand.
  @Test func everyFixtureIsThere() {
    #expect(Self.exports.count == 102)
  }

  /// What PyTorch computes in double precision; the layers' single precision stays far within 1e-5.
  @Test(arguments: exports)
  func smallExports(name: String) throws {
    let model = "\(Self.fixtures)/\(name.split(separator: ".")[0])"
    let error = try error(
      of: "\(Self.fixtures)/\(name)", latents: "\(model).latents.npy",
      outputs: "\(model).outputs.npy")
    #expect(error <= 1e-5)
  }

  /// The document and the tensors are all there is: as a safetensors file they give the same bits.
  @Test(arguments: exports)
  func theSameAsSafetensors(name: String) throws {
    let file = try WeightFormats.read(try FileBytes(path: "\(Self.fixtures)/\(name)"))
    let architecture = try #require(file.architecture)
    let bytes = Safetensors.write(tensors: file.tensors, architecture: architecture)
    let copy = try WeightFormats.read(MemoryBytes(bytes))
    #expect(copy.architecture == architecture && copy.tensors == file.tensors)
    let summary = try WeightFormats.summary(of: try FileBytes(path: "\(Self.fixtures)/\(name)"))
    #expect(summary.architecture == architecture)
    let model = "\(Self.fixtures)/\(name.split(separator: ".")[0])"
    let first = try Generator(architecture: architecture, tensors: file.tensors)
    let second = try Generator(
      architecture: try #require(copy.architecture), tensors: copy.tensors)
    let latents = try rows("\(model).latents.npy", width: first.inputCount)
    #expect(first.evaluate(latents).values == second.evaluate(latents).values)
  }

  /// A residual generator from its ONNX export and from PyTorch's own weights with an architecture
  /// written by hand.
  @Test(arguments: exports.filter { $0.hasPrefix("residual.") })
  func theSameAsPyTorchsWeights(name: String) throws {
    let paths = [name, "residual.safetensors"].map { "\(Self.fixtures)/\($0)" }
    let outputs = try paths.map { path in
      let file = try WeightFormats.read(try FileBytes(path: path))
      let generator = try Generator(
        architecture: try #require(file.architecture), tensors: file.tensors)
      return generator.evaluate(
        try rows("\(Self.fixtures)/residual.latents.npy", width: generator.inputCount)
      ).values
    }
    // Exporters fold batch norms into weights, in single precision; outputs are within [-1, 1].
    #expect(zip(outputs[0], outputs[1]).allSatisfy { abs($0 - $1) <= 2e-6 })
    #expect(outputs[0].count == 4 * 72 && outputs[1].count == 4 * 72)
  }

  @Test(
    .enabled(if: SharedGenerators.folder != nil),
    arguments: ["torch-export.onnx", "torch-export-legacy.onnx"])
  func theRealGenerators(name: String) throws {
    let models = SharedGenerators.files(named: name)
    try #require(models.count == 3)
    for model in models {
      let folder = URL(fileURLWithPath: model).deletingLastPathComponent().path
      let error = try error(
        of: model, latents: "\(folder)/latents.npy", outputs: "\(folder)/outputs.npy")
      #expect(error <= 1e-5, "\(model)")
    }
  }

  /// The layers are those of the document beside the safetensors file, apart from batch norms that an
  /// exporter has folded, and from names; so are the weights.
  @Test(.enabled(if: SharedGenerators.folder != nil))
  func theLayersAreThoseOfTheSafetensorsTwin() throws {
    for model in SharedGenerators.files(named: "torch-export-legacy.onnx") {
      let folder = URL(fileURLWithPath: model).deletingLastPathComponent().path
      let text = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/architecture.json"))
      let twin = try layers(of: try JSONParser().parse([UInt8](text)))
      let file = try WeightFormats.read(try FileBytes(path: model))
      let weights = try WeightFormats.read(try FileBytes(path: "\(folder)/weights.safetensors"))
      let found = try layers(of: try #require(file.architecture))
      // The perceptrons' twins end with a reshape to an image, which the exports lack.
      let expected = twin.last?["type"] == "reshape" ? twin.dropLast() : twin[...]
      #expect(found.map { $0["type"] } == expected.map { $0["type"] })
      for (a, b) in zip(found, expected) {
        for (field, value) in b.members {
          let mine = a[field] ?? .null
          guard let name = mine.string, field != "type", let twinName = value.string else {
            #expect(mine == value, "\(model): \(field)")
            continue
          }
          #expect(file.tensors[name] == weights.tensors[twinName], "\(model): \(name)")
        }
      }
      let summary = try WeightFormats.summary(of: try FileBytes(path: model))
      #expect(summary.architecture == file.architecture && summary.metadata == file.metadata)
      let counters = weights.tensors.keys.count { $0.hasSuffix("num_batches_tracked") }
      #expect(summary.tensors.count == weights.tensors.count - counters)
    }
  }

  private func layers(of architecture: JSONValue) throws -> [JSONObject] {
    try #require(architecture.object?["layers"]?.elements).compactMap(\.object)
  }
}
