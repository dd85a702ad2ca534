import Documents
import Service
import SignalFormats
import Testing

/// How far an inversion's numbers can be trusted, as JSON, npy and PNG.
struct UncertaintyTests {
  private static func noisy(_ measurement: JSONValue? = nil) -> JSONValue {
    var request: JSONObject = [
      "generator": "small",
      "observation": [
        "values": .numbers(SmallGenerator.output(at: [0.4, -0.7]).map { $0 + 0.001 })
      ],
      "noise": ["type": "gaussian", "sigma": 0.01], "prior": "none",
    ]
    request["measurement"] = measurement
    return .object(request)
  }

  private static func path(_ inversion: JSONValue) throws -> String {
    try #require(inversion["links"]?["uncertainty"]?.string)
  }

  @Test func deviationsComeInEachFormat() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(Self.noisy())
      let path = try Self.path(done)
      let answer = try client.get(path)
      #expect(answer.fields["vary"] == "Accept")
      let json = try answer.json()
      let certificate = try #require(done["result"]?["certificate"])
      for member in ["latent_std", "sigma", "sigma_estimated", "intervals_hold"] {
        #expect(json[member] == certificate[member], "\(member)")
      }
      #expect(json["sigma"] == 0.01 && json["intervals_hold"] == true)
      #expect(json["level"] == 0.9 && json["shape"] == [1, 4, 4])
      let deviations = try #require(json["reconstruction_std"]?.numbers).map { Float($0) }
      #expect(deviations.count == 16 && deviations.allSatisfy { $0 >= 0 && $0 < 0.02 })

      let npy = try NPY.read(
        try client.get(path, fields: ["Accept": "application/x-npy"]).body)
      #expect(npy.shape == [1, 4, 4] && npy.values == deviations)

      let drawn = try client.get("\(path)?format=png")
      let white = try #require(drawn.fields["preimage-white"].flatMap { Float($0) })
      #expect(white == deviations.max())
      let raster = try PNG.decode(drawn.body)
      #expect([raster.height, raster.width, raster.channels] == [4, 4, 1])
      for (level, deviation) in zip(raster.values, deviations) {
        #expect(abs(Float(level) - 255 * deviation / white) <= 0.51)
      }
      #expect(try client.get(path, fields: ["Accept": "text/html"]).status == 406)
      #expect(try client.get("\(path)?format=tiff").status == 400)
      #expect(try client.get("\(path)?level=0.5").status == 400)
    }
  }

  /// One observed number says nothing about the second direction of the latent.
  @Test func whatIsOpenIsNullInfiniteAndWhite() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(
        Self.noisy(["type": "mask", "observed": ["indices": [3]]]))
      let path = try Self.path(done)
      let json = try client.get(path).json()
      let deviations = try #require(json["reconstruction_std"]?.elements)
      #expect(deviations[3] != .null)
      let open = deviations.indices.filter { deviations[$0] == .null }
      #expect(open.count >= 8)
      let npy = try NPY.read(try client.get("\(path)?format=npy").body)
      #expect(open.allSatisfy { npy.values[$0] == .infinity })
      let raster = try PNG.decode(try client.get("\(path)?format=png").body)
      #expect(open.allSatisfy { raster.values[$0] == 255 })
    }
  }

  @Test func withoutAnEstimateOfTheNoiseThereIsNone() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted([
        "generator": "small", "observation": ["values": [0.1]],
        "measurement": ["type": "mask", "observed": ["indices": [3]]],
      ])
      let answer = try client.get(try Self.path(done))
      #expect(answer.status == 404 && answer.code == "no_noise_estimate")
    }
  }

  @Test func whatIsNotFinishedIsAConflict() throws {
    try withService { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      let queued = try client.post("/v1/inversions", Self.noisy()).json()
      let answer = try client.get(try Self.path(queued))
      #expect(answer.status == 409 && answer.code == "inversion_not_finished")
      for inversion in [queued, running] {
        _ = try client.send("POST", "\(try #require(inversion["links"]?["cancel"]?.string))")
      }
      let none = try client.get(try Self.path(queued))
      #expect(none.status == 404 && none.code == "no_result")
      #expect(try client.get("/v1/inversions/nothing/uncertainty").status == 404)
    }
  }

  @Test func itOutlivesItsGenerator() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(Self.noisy())
      #expect(try client.send("DELETE", "/v1/generators/small").status == 204)
      let path = try Self.path(done)
      #expect(try client.get(path).json()["shape"] == [16])
      #expect(try client.get("\(path)?format=png").status == 200)
    }
  }

  @Test func certificatesSayWhichPieceTheyAreIn() throws {
    try withService { _, client in
      try client.uploadSmall()
      let smooth = try client.inverted(Self.noisy())
      #expect(smooth["result"]?["certificate"]?["activation_region"] == .null)
      try client.uploadSmall(name: "kinked", architecture: SmallGenerator.kinked)
      let done = try client.inverted([
        "generator": "kinked",
        "observation": ["values": .numbers(SmallGenerator.kinkedOutput(at: [0.4, -0.7]))],
      ])
      let region = try #require(done["result"]?["certificate"]?["activation_region"])
      let layer = try #require(region["layers"]?.elements?.first)
      #expect(layer["units"] == 16 && layer["pieces"]?.numbers?.reduce(0, +) == 16)
      #expect((region["boundary_distance"]?.number ?? 0) > 0)
      #expect(region["least_squares"]?["is_latent"] == true)
      #expect(region["least_squares"]?["is_unique"] == true)
    }
  }
}
