import Documents
import Foundation
import Service
import Testing

/// Checkpoints over HTTP: which of their state dictionaries is taken, now and when it is loaded
/// again.
struct CheckpointUploadTests {
  private static let architecture: JSONValue = [
    "version": 1, "latent": ["shape": [3]], "output": ["shape": [2]],
    "layers": [
      ["type": "linear", "weight": "0.weight", "bias": "0.bias"], ["type": "relu"],
      ["type": "linear", "weight": "2.weight", "bias": "2.bias"],
    ],
  ]

  /// A file that `WeightFormatsTests/Fixtures/make_weights.py` made.
  private static func fixture(_ name: String) throws -> [UInt8] {
    let tests = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](
      try Data(contentsOf: tests.appending(path: "WeightFormatsTests/Fixtures/\(name)")))
  }

  private static func upload(
    _ name: String, query: String = "", _ client: ServiceClient
  ) throws -> Answer {
    try client.send(
      "POST", "/v1/generators\(query)",
      .bytes(
        Form.bytes([
          ("architecture", JSONWriter.bytes(of: architecture)), ("weights", try fixture(name)),
        ]), type: Form.type))
  }

  private static func sample(_ id: String, _ client: ServiceClient) throws -> Answer {
    let latents: JSONValue = ["latents": .array([[0.5, -1, 2]])]
    return try client.send(
      "POST", "/v1/generators/\(id)/samples",
      .bytes(JSONWriter.bytes(of: latents), type: "application/json"))
  }

  @Test(arguments: [
    ("nested.pt", ""), ("legacy.pt", ""), ("ambiguous.pt", "?state=ema"), ("generator.npz", ""),
  ])
  func whatWasChosenIsLoadedAgain(name: String, query: String) throws {
    try withService {
      // Only the generator that was used last stays in memory.
      $0.limits.generatorCacheBytesMax = 0
    } _: { _, client in
      let answer = try Self.upload(name, query: query, client)
      #expect(answer.status == 201, "\(answer.text)")
      let generator = try answer.json()
      #expect(generator["format"] == (name.hasSuffix(".pt") ? "pytorch" : "npz"))
      #expect(generator["parameter_count"] == 26)
      let id = generator["id"]?.string ?? ""
      let before = try Self.sample(id, client)
      #expect(before.status == 200, "\(before.text)")
      try client.uploadSmall(name: "other")
      #expect(try Self.sample(id, client).text == before.text)
      #expect(try Self.upload(name, query: query, client).status == 200)
    }
  }

  @Test func whatIsUnclearIsRefused() throws {
    try withService { _, client in
      let several = try Self.upload("ambiguous.pt", client)
      #expect(several.status == 422 && several.code == "state_ambiguous", "\(several.text)")
      #expect(several.text.contains("generator") && several.text.contains("ema"))
      let unknown = try Self.upload("ambiguous.pt", query: "?state=netG", client)
      #expect(unknown.status == 422 && unknown.code == "state_not_found", "\(unknown.text)")
      let module = try Self.upload("module.pt", client)
      #expect(module.status == 422 && module.code == "unsupported_network", "\(module.text)")
      let alone = try client.send(
        "POST", "/v1/generators",
        .bytes(try Self.fixture("flat.pt"), type: "application/x-pytorch"))
      #expect(alone.status == 422 && alone.code == "architecture_missing", "\(alone.text)")
    }
  }
}
