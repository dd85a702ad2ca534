import ArgumentParser
import BundledGenerators
import Documents
import Foundation
import Networks
import WeightFormats

/// A generator as the command line names it: a weight file, or a bundled one by its name.
struct GeneratorSource {
  let weightsPath: String
  let architecturePath: String?

  init(_ name: String, architecture: String?) {
    weightsPath =
      BundledGenerator.all.first { $0.name == name }?.weightsPath ?? name
    architecturePath = architecture
  }

  func load() throws -> Generator {
    let file = try WeightFormats.read(try FileBytes(path: weightsPath))
    let document = try architecturePath.map {
      try JSONParser().parse([UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))))
    }
    guard let architecture = document ?? file.architecture else {
      throw ValidationError(
        "\(weightsPath) carries no architecture; give it with --architecture FILE.json")
    }
    return try Generator(architecture: architecture, tensors: file.tensors)
  }
}
