import ArgumentParser
import Documents
import Foundation
import WeightFormats

/// `preimage convert`: a generator out of any weight file, as one file that says all there is.
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes a generator as safetensors, with its architecture inside.",
    discussion: """
      Example: preimage convert checkpoint.pth --architecture decoder.json \\
        --state netG_state_dict -o decoder.safetensors

      Only the tensors that the architecture names are written, under its names, as 32-bit floats.
      """)

  @Argument(help: "A weight file: safetensors, ONNX, .npz, .npy or a PyTorch checkpoint.")
  var file: String

  @Option(help: "Architecture document, where the weight file does not carry it.")
  var architecture: String?

  @Option(help: "State dictionary of a checkpoint, where its architecture fits several.")
  var state: String?

  @Option(name: .shortAndLong, help: "Where to write the safetensors file.")
  var output: String

  func run() throws {
    let source = GeneratorSource(file, architecture: architecture, state: state)
    let loaded = try source.load()
    // The file that is written has one set of tensors.
    var document = loaded.architecture
    if let object = document.object {
      var single = JSONObject()
      for (key, value) in object.members where key != "state" { single[key] = value }
      document = .object(single)
    }
    let tensors = try WeightFormats.tensors(
      in: try FileBytes(path: source.weightsPath), of: loaded.architecture)
    let bytes = Safetensors.write(tensors: tensors, architecture: document)
    try Data(bytes).write(to: URL(fileURLWithPath: output), options: .atomic)
    print("wrote \(output): \(tensors.count) tensors, \(bytes.count) bytes")
  }
}
