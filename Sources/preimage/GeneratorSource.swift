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
  /// Which state dictionary of a checkpoint is meant; `nil` for the one that fits.
  let state: String?

  init(_ name: String, architecture: String?, state: String? = nil) {
    weightsPath =
      BundledGenerator.all.first { $0.name == name }?.weightsPath ?? name
    architecturePath = architecture
    self.state = state
  }

  func load() throws -> LoadedGenerator {
    let document: JSONValue? = try architecturePath.map {
      try JSONParser().parse([UInt8](try Data(contentsOf: URL(fileURLWithPath: $0))))
    }
    do {
      return try WeightFormats.generator(
        in: try FileBytes(path: weightsPath), architecture: document, state: state)
    } catch let error as WeightFormatError {
      switch error {
      case .architectureMissing:
        throw ValidationError(
          "\(weightsPath) carries no architecture; give it with --architecture FILE.json")
      case .stateAmbiguous, .stateMissing:
        throw ValidationError("\(weightsPath): \(error.message) (--state NAME)")
      default: throw error
      }
    }
  }
}
