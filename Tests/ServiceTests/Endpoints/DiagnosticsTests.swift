import Documents
import Foundation
import Service
import Testing

/// What is said of a generator before any inversion.
struct DiagnosticsTests {
  private static func path(_ generator: JSONValue) throws -> String {
    try #require(generator["links"]?["diagnostics"]?.string)
  }

  private static func encoded(_ document: JSONValue) throws -> String {
    let text = String(decoding: JSONWriter.bytes(of: document), as: UTF8.self)
    return try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
  }

  @Test func everythingSeenDeterminesTheLatent() throws {
    try withService { _, client in
      let path = try Self.path(try client.uploadSmall())
      let found = try client.get("\(path)?noise_sigma=0.1&seed=3").json()
      #expect(found["answer"] == "determined" && found["seed"] == 3)
      let identifiability = try #require(found["identifiability"])
      #expect(identifiability["latents"] == 32 && identifiability["identifiable"] == 32)
      #expect(identifiability["latent_count"] == 2 && identifiability["observed_count"] == 16)
      #expect(identifiability["rank"]?["min"] == 2)
      #expect((identifiability["latent_std"]?["median"]?.number ?? 0) > 0.01)
      // Seen with twice the noise, twice as uncertain.
      let noisier = try client.get("\(path)?noise_sigma=0.2&seed=3").json()
      let ratio =
        (noisier["identifiability"]?["latent_std"]?["median"]?.number ?? 0)
        / (identifiability["latent_std"]?["median"]?.number ?? 1)
      #expect(abs(ratio - 2) < 1e-12)
      let without = try client.get(path).json()
      #expect(without["identifiability"]?["latent_std"] == .null && without["noise_sigma"] == .null)
    }
  }

  @Test func layersAreDescribed() throws {
    try withService { _, client in
      let path = try Self.path(try client.uploadSmall())
      let layers = try #require(try client.get(path).json()["layers"]?.elements)
      let layer = try #require(layers.first)
      #expect(layers.count == 1 && layer["type"] == "linear" && layer["layer"] == 0)
      #expect(layer["expansivity"] == 8 && layer["wdc"] == .null)
      let weights = try #require(layer["weights"])
      let values = SmallGenerator.weights()
      let mean = values.reduce(0) { $0 + Double($1) } / 32
      #expect(weights["count"] == 32)
      #expect(abs((weights["mean"]?.number ?? 9) - mean) < 1e-9)
      #expect(weights["bin_counts"]?.numbers?.reduce(0, +) == 32)
      #expect(weights["bin_edges"]?.numbers?.count == 65)
    }
  }

  @Test func denseReLULayersHaveConditions() throws {
    try withService { _, client in
      let architecture: JSONValue = [
        "version": 1, "latent": ["shape": [2]], "output": ["shape": [16]],
        "layers": [["type": "linear", "weight": "w", "bias": "b"], ["type": "relu"]],
      ]
      let path = try Self.path(
        try client.uploadSmall(name: "relu", architecture: architecture))
      let condition = try #require(
        try client.get(path).json()["layers"]?.elements?.first?["wdc"])
      #expect((condition["wdc_constant_min"]?.number ?? 0) > 0)
      #expect((condition["r2wdc_constant_min"]?.number ?? 0) > 0)
    }
  }

  @Test func tooFewNumbersAreSaidToBe() throws {
    try withService { _, client in
      let path = try Self.path(try client.uploadSmall())
      let mask = try Self.encoded(["type": "mask", "observed": ["indices": [3]]])
      let found = try client.get("\(path)?measurement=\(mask)&latents=5").json()
      #expect(found["answer"] == "undetermined")
      #expect(found["measurement"]?["type"] == "mask")
      #expect(found["identifiability"]?["latents"] == 5)
      #expect(found["identifiability"]?["condition_number"]?["min"] == .null)
      let oneBit = try Self.encoded([
        "type": "one_bit", "of": ["type": "gaussian", "rows": 6, "seed": 1],
      ])
      let none = try client.get("\(path)?measurement=\(oneBit)").json()
      #expect(none["answer"] == .null && none["identifiability"] == .null)
    }
  }

  @Test(arguments: [
    ("latents=1", 200), ("latents=1024", 200), ("latents=0", 400), ("latents=1025", 400),
    ("latents=x", 400), ("seed=-1", 400), ("noise_sigma=0", 400), ("noise_sigma=-1", 400),
    ("noise_sigma=x", 400), ("noise_sigma=1e30", 200), ("noise_sigma=1e31", 400),
    ("measurement=", 400), ("measurement=%7B", 400), ("measurement=%5B%5D", 400),
    ("measurement=%7B%22type%22%3A%22nothing%22%7D", 400), ("unknown=1", 400),
    ("measurement=%7B%22type%22%3A%22downsample%22%2C%22factor%22%3A3%7D", 422),
  ])
  func queriesAreChecked(query: String, status: Int) throws {
    try withService { _, client in
      let path = try Self.path(try client.uploadSmall())
      let answer = try client.get("\(path)?\(query)")
      #expect(answer.status == status, "\(query): \(answer.text.prefix(300))")
      #expect(try client.get("/v1/generators/nothing/diagnostics?\(query)").status >= 400)
    }
  }

  @Test func unknownGeneratorsAreNotFound() throws {
    try withService { _, client in
      let answer = try client.get("/v1/generators/nothing/diagnostics")
      #expect(answer.status == 404 && answer.code == "generator_not_found")
    }
  }

  /// A draw takes 3 evaluations of 32 + 16 multiplications, and some for its eigenvectors: 408; the
  /// tensors are 48 numbers.
  @Test func workIsBounded() throws {
    try withService {
      $0.limits.diagnosticMultiplicationsMax = 4200
    } _: { _, client in
      let path = try Self.path(try client.uploadSmall())
      let found = try client.get(path).json()
      let most = try #require(found["identifiability"]?["latents"]?.number)
      #expect(most >= 1 && most < 32)
      #expect(try client.get("\(path)?latents=\(Int(most))").status == 200)
      let refused = try client.get("\(path)?latents=\(Int(most) + 1)")
      #expect(refused.status == 422 && refused.code == "diagnosis_too_large")
      #expect(refused.text.contains("Lower latents to \(Int(most))"))
    }
    try withService {
      $0.limits.diagnosticMultiplicationsMax = 100
      $0.limits.diagnosticLatentsMax = 2
    } _: { _, client in
      let path = try Self.path(try client.uploadSmall())
      let refused = try client.get(path)
      #expect(refused.status == 422 && refused.code == "diagnosis_too_large")
      #expect(try client.get("\(path)?latents=3").status == 400)
    }
  }
}
