import Documents
import Networks
import Testing
import WeightFormats

/// A generator is built from the tensors that the architecture means, or it is said what is unclear.
@Suite struct GeneratorLoadingTests {
  private func architecture() throws -> JSONValue {
    try #require(try WeightFixture("generator.npz").read().architecture)
  }

  private func load(
    _ name: String, state: String? = nil, _ change: (inout JSONObject) -> Void = { _ in }
  ) throws -> LoadedGenerator {
    var document = try #require(try architecture().object)
    change(&document)
    return try WeightFormats.generator(
      in: FileBytes(path: WeightFixture(name).path), architecture: .object(document), state: state)
  }

  private func tensors(_ name: String, of loaded: LoadedGenerator) throws -> [String: Tensor] {
    try WeightFormats.tensors(
      in: FileBytes(path: WeightFixture(name).path), of: loaded.architecture)
  }

  @Test(arguments: [
    ("flat.pt", "."), ("nested.pt", "netG_state_dict"), ("legacy.pt", "netG_state_dict"),
    ("parameters.pt", "state_dict"),
  ])
  func theStateThatFitsIsTaken(name: String, state: String) throws {
    let loaded = try load(name)
    #expect(loaded.architecture.object?["state"] == .string(state))
    #expect(try tensors(name, of: loaded) == WeightFixture.perceptron())
    // With what was chosen the same comes out, and that again.
    let again = try WeightFormats.generator(
      in: FileBytes(path: WeightFixture(name).path), architecture: loaded.architecture)
    #expect(try tensors(name, of: again) == WeightFixture.perceptron())
    #expect(again.architecture == loaded.architecture)
    #expect(try load(name, state: state).architecture == loaded.architecture)
  }

  @Test func theWrapperOfDataParallelIsLookedThrough() throws {
    let wrapped = WeightFixture.perceptron(prefix: "module.")
    let loaded = try load("parallel.pt")
    let tensors = try tensors("parallel.pt", of: loaded)
    #expect(tensors.count == 4)
    for (name, tensor) in tensors { #expect(wrapped["module." + name] == tensor) }
  }

  @Test func severalThatFitHaveToBeToldApart() throws {
    let error = refusal { _ = try load("ambiguous.pt") }
    #expect(error == .stateAmbiguous(fitting: ["generator", "ema"]))
    #expect(error?.message.contains("\"generator\", \"ema\"") == true)
    #expect(try load("ambiguous.pt", state: "ema").architecture.object?["state"] == "ema")
    #expect(
      try load("ambiguous.pt") { $0["state"] = "generator" }.architecture.object?["state"]
        == "generator")
    // What is asked for wins over the document.
    #expect(
      try load("ambiguous.pt", state: "ema") { $0["state"] = "generator" }
        .architecture.object?["state"] == "ema")
  }

  @Test func statesThatAreNotThereAreRefused() {
    let known = ["generator", "ema"]
    #expect(
      refusal { _ = try load("ambiguous.pt", state: "netG") }
        == .stateMissing(detail: "there is no state dictionary \"netG\"", known: known))
    let message =
      refusal {
        _ = try load("flat.pt") { $0["layers"] = [["type": "linear", "weight": "9.weight"]] }
      }?
      .message ?? "accepted"
    #expect(message.contains("\".\" lacks \"9.weight\""), "\(message)")
    guard case .stateMissing = refusal(of: { _ = try load("generator.npz", state: "ema") }) else {
      Issue.record("a state of an .npz file was accepted")
      return
    }
  }

  /// The layer and the field are named as for other formats.
  @Test func shapesThatDoNotFitAreNamed() {
    for name in ["flat.pt", "nested.pt"] {
      #expect(throws: DocumentError.self) { try load(name) { $0["latent"] = ["shape": [5]] } }
    }
    #expect(throws: DocumentError.self) { try load("nested.pt") { $0["unknown"] = 1 } }
    #expect(throws: DocumentError.self) { try load("nested.pt") { $0["state"] = 1 } }
  }

  @Test func theArchitectureMayBeMissing() {
    for (name, format) in [("flat.pt", "pytorch"), ("plain.npz", "npz"), ("version1.npy", "npy")] {
      #expect(throws: WeightFormatError.architectureMissing(format: format)) {
        try WeightFormats.generator(in: FileBytes(path: WeightFixture(name).path))
      }
    }
  }

  /// A checkpoint holds more than a generator; of another file every tensor must be used.
  @Test func whatTheArchitectureDoesNotName() throws {
    let layers: JSONValue = [["type": "linear", "weight": "0.weight", "bias": "0.bias"]]
    let loaded = try load("flat.pt") {
      $0["layers"] = layers
      $0["output"] = ["shape": [4]]
    }
    #expect(try Set(tensors("flat.pt", of: loaded).keys) == ["0.weight", "0.bias"])
    #expect(throws: DocumentError.self) {
      try load("generator.npz") {
        $0["layers"] = layers
        $0["output"] = ["shape": [4]]
      }
    }
  }

  @Test func convertedGeneratorsAreTheSame() throws {
    let loaded = try load("nested.pt")
    let tensors = try tensors("nested.pt", of: loaded)
    let bytes = MemoryBytes(
      Safetensors.write(tensors: tensors, architecture: try architecture()))
    let again = try WeightFormats.generator(in: bytes)
    #expect(try again.architecture == architecture())
    #expect(try WeightFormats.tensors(in: bytes, of: again.architecture) == tensors)
  }
}
