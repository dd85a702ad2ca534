import ArgumentParser
import BundledGenerators
import Documents
import Foundation
import Networks
import WeightFormats

/// `preimage inspect`: what is in a weight file.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what a weight file holds: its tensors and, where known, its layers.")

  @Argument(help: "A weight file, or the name of a bundled generator.")
  var file: String

  @Option(help: "Architecture document, where the weight file does not carry it.")
  var architecture: String?

  @Option(help: "State dictionary of a checkpoint, where its architecture fits several.")
  var state: String?

  @Flag(help: "Also: whether the output determines the latent, and what the layers are like.")
  var diagnostics = false

  func run() throws {
    let source = GeneratorSource(file, architecture: architecture, state: state)
    let summary = try WeightFormats.summary(of: try FileBytes(path: source.weightsPath))
    print("format      \(summary.format)")
    for (key, value) in summary.metadata.sorted(by: { $0.key < $1.key }) where key != "architecture"
    {
      print("\(key.padding(toLength: max(11, key.count), withPad: " ", startingAt: 0)) \(value)")
    }
    for state in summary.states {
      if state.name != WeightFile.wholeName || summary.states.count > 1 {
        print("state       \(state.name)")
      }
      print("tensors     \(state.tensors.count)")
      for tensor in state.tensors {
        let shape = tensor.shape.map(String.init).joined(separator: " x ")
        print(
          "  \(tensor.name)  \(tensor.elementType.rawValue)  [\(shape)]  "
            + "\(tensor.byteRange.count) bytes")
      }
    }
    guard summary.architecture != nil || architecture != nil else {
      print("No architecture: give one with --architecture FILE.json to see the layers.")
      return
    }
    let loaded = try source.load()
    if let state = loaded.architecture.object?["state"]?.string {
      print("loaded from \(state)")
    }
    let generator = loaded.generator
    print(
      "generator   \(generator.latentShape) \(generator.latentDistribution.rawValue) -> "
        + "\(generator.outputShape), \(generator.parameterCount) parameters")
    for layer in generator.layers {
      print("  \(layer.type)  -> \(layer.outputShape)  \(layer.parameterCount) parameters")
    }
    if diagnostics { try InspectDiagnostics(source, loaded).write() }
  }
}
