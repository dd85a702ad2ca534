import Documents
import Foundation
import Testing

/// Layer-wise solvers of a running server, with their certificates.
@Suite(.serialized, .needsProgram)
struct LayerwiseTests {
  private static let types = [
    "linear_system", "linf_lp", "l1_lp", "relaxed_lp", "layered_basis_pursuit", "latent_pursuit",
    "oracle", "hybrid",
  ]

  @Test func everyTypeInvertsABundledPerceptron() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      try Self.invertByAll(server, "fashion-mlp", foundMin: Self.types.count)
    }
  }

  /// Two layers with ReLU, as exported by PyTorch: some methods miss some of its latents.
  @Test(.enabled(if: Program.shared != nil, "there is no shared folder beside the checkout"))
  func everyTypeWorksOnATrainedExport() throws {
    try withFolder { folder in
      let file = try #require(Program.shared)
        .appending(path: "generators/lei-vae-relu/torch-export.onnx")
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let made = try server.post(
        "/v1/generators?name=lei-vae-relu", Array(try Data(contentsOf: file)),
        type: "application/octet-stream")
      #expect(made.status == 201)
      let id = try #require(try made.json()["id"]?.string)
      try Self.invertByAll(server, id, foundMin: 5)
    }
  }

  /// - Parameter foundMin: of the types, how many have to find the latent.
  private static func invertByAll(
    _ server: RunningServer, _ generator: String, foundMin: Int
  ) throws {
    // As long as a normal one is on average, in no special direction.
    let latent = (1...20).map { 1.4 * sin(1.7 * Double($0 * $0)) }
    let sample = try server.post(
      "/v1/generators/\(generator)/samples", ["latents": .array([.numbers(latent)])]
    ).json()
    let output = try #require(sample["outputs"]?.elements?.first)
    var found = 0
    for type in types {
      var solver: JSONObject = ["type": .string(type)]
      if type == "oracle" { solver["latent"] = .numbers(latent) }
      let accepted = try server.post(
        "/v1/inversions",
        [
          "generator": .string(generator), "observation": ["values": output],
          "solver": .object(solver),
        ])
      #expect(accepted.status == 202, "\(type)")
      let id = try #require(try accepted.json()["id"]?.string)
      let done = try server.get("/v1/inversions/\(id)?wait=50").json()
      #expect(done["status"] == "succeeded", "\(type)")
      let result = try #require(done["result"])
      let layers = try #require(result["layerwise"]?["layers"]?.elements)
      #expect(layers.count >= 2)
      if type != "hybrid" { #expect(result["layerwise"]?["method"]?.string == type) }
      #expect(result["layerwise"]?["conditions"]?["widths"]?.numbers?.first == 20)
      for layer in layers {
        #expect(layer["layer"]?.string?.contains("linear") == true)
        #expect(layer["known_rows"]?.number ?? 0 > 0)
        guard let program = layer["program"], program["engine"] != nil else { continue }
        #expect(program["status"]?.string == "optimal", "\(type)")
        #expect(program["relative_gap"]?.number ?? 1 < 1e-7, "\(type)")
      }
      let square = try zip(latent, #require(result["latent"]?.numbers))
        .reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let isFound = square <= 1e-6 * latent.reduce(0) { $0 + $1 * $1 }
      if isFound { found += 1 }
      // Whatever is claimed is true.
      let verdict = result["verdict"]?.string
      #expect(isFound || verdict != "recovered", "\(type)")
      if type == "hybrid" || type == "oracle" { #expect(isFound, "\(type)") }
    }
    #expect(found >= foundMin)
  }

  /// Refused at once, with the layer and what would do.
  @Test func whatCannotBeTakenApartIsRefused() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let values: JSONValue = .numbers([Double](repeating: 0.5, count: 1024))
      let large = try server.post(
        "/v1/inversions",
        [
          "generator": "fashion-conv", "observation": ["values": values],
          "solver": ["type": "linf_lp"],
        ])
      #expect(large.status == 422)
      let text = String(decoding: large.body, as: UTF8.self)
      #expect(text.contains("conv_transpose2d") && text.contains("matrix_entries_max"))
      #expect(text.contains("levenberg_marquardt") && text.contains("latent_pursuit"))
    }
  }
}
