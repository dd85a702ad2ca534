import Documents
import HTTPTypes
import Service
import SignalFormats
import Testing

/// A generator forward: at given latents, at random ones, in each representation.
struct SamplesTests {
  private static let path = "/v1/generators/small/samples"

  @Test func givenLatentsGiveTheNetworksOutputs() throws {
    try withService { _, client in
      try client.uploadSmall()
      let latents: [[Float]] = [[0, 0], [0.5, -1], [2, 3]]
      let answer = try client.post(
        Self.path, ["latents": .array(latents.map { JSONValue($0) })])
      let json = try answer.json()
      #expect(json["shape"] == [3, 1, 4, 4])
      let outputs = try #require(json["outputs"]?.elements)
      for (latent, output) in zip(latents, outputs) {
        let numbers = try #require(output.numbers)
        for (given, expected) in zip(numbers, SmallGenerator.output(at: latent)) {
          #expect(abs(given - expected) < 1e-6)
        }
      }
    }
  }

  @Test func theSameSeedGivesTheSameOutputs() throws {
    try withService { _, client in
      try client.uploadSmall()
      let first = try client.post(Self.path, ["count": 3, "seed": 5]).body
      #expect(try client.post(Self.path, ["count": 3, "seed": 5]).body == first)
      #expect(try client.post(Self.path, ["count": 3, "seed": 6]).body != first)
      let byDefault = try client.post(Self.path, ["count": 3]).body
      #expect(try client.post(Self.path, ["count": 3, "seed": 0]).body == byDefault)
    }
  }

  @Test func everyRepresentationHoldsTheSame() throws {
    try withService { _, client in
      try client.uploadSmall()
      let request: JSONValue = ["count": 4, "seed": 1]
      let json = try client.post(Self.path, request).json()
      let numbers = (json["outputs"]?.elements ?? []).flatMap { $0.numbers ?? [] }
      let npy = try client.post(Self.path, request, fields: ["Accept": "application/x-npy"])
      let array = try NPY.read(npy.body)
      #expect(array.shape == [4, 1, 4, 4])
      #expect(array.values == numbers.map { Float($0) })
      let png = try client.post("\(Self.path)?format=png", request)
      #expect(png.fields["content-type"] == "image/png")
      #expect(png.fields["vary"] == "Accept")
      let sheet = try PNG.decode(png.body)
      #expect(sheet.width == 2 * 6 + 2 && sheet.height == 2 * 6 + 2)
    }
  }

  struct Refused: Sendable, CustomTestStringConvertible {
    var request: JSONValue
    var query: String
    var status: Int
    var code: String
    var testDescription: String { "\(query) \(request)" }

    init(_ request: JSONValue, _ status: Int, query: String = "", _ code: String? = nil) {
      self.request = request
      self.query = query
      self.status = status
      self.code = code ?? (status == 400 ? "invalid_field" : "unprocessable_field")
    }
  }

  static let refused: [Refused] = [
    Refused(["count": 1], 400, query: "?format=tiff", "invalid_parameter"),
    Refused(["count": 1], 400, query: "?fromat=npy", "unknown_parameter"),
    Refused([:], 400), Refused(["count": 0], 400), Refused(["count": 1.5], 400),
    Refused(["count": 1, "sede": 1], 400), Refused(["count": 1, "seed": -1], 400),
    Refused(["latents": [[0, 0]], "count": 1], 400), Refused(["latents": []], 400),
    Refused(["latents": 3], 400), Refused(["latents": [[0]]], 422),
    Refused(["latents": [[0, 0, 0]]], 422), Refused(["latents": [0, 0]], 422),
    Refused(["latents": [[0, "x"]]], 422), Refused(["latents": [[0, 1e39]]], 422),
    Refused([1], 400),
  ]

  @Test(arguments: refused)
  func whatMakesNoSenseIsRefused(given: Refused) throws {
    try withService { _, client in
      try client.uploadSmall()
      let answer = try client.post("\(Self.path)\(given.query)", given.request)
      #expect(answer.status == given.status, "\(answer.text)")
      #expect(answer.code == given.code)
    }
  }

  @Test func whatNobodyCanShowIsNotAcceptable() throws {
    try withService { _, client in
      try client.uploadSmall()
      let answer = try client.post(Self.path, ["count": 1], fields: ["Accept": "text/html"])
      #expect(answer.status == 406 && answer.code == "not_acceptable")
    }
  }

  @Test func samplesAreBoundedInNumberAndSize() throws {
    func check(_ most: Int, _ adjust: @escaping (inout ServiceLimits) -> Void) throws {
      try withService {
        adjust(&$0.limits)
      } _: { _, client in
        try client.uploadSmall()
        let rows = [JSONValue](repeating: [0, 0], count: most + 1)
        #expect(try client.post(Self.path, ["count": JSONValue(most)]).status == 200)
        #expect(try client.post(Self.path, ["count": JSONValue(most + 1)]).status == 400)
        #expect(
          try client.post(Self.path, ["latents": .array(Array(rows.dropLast()))]).status == 200)
        #expect(try client.post(Self.path, ["latents": .array(rows)]).status == 400)
      }
    }
    try check(3) { $0.samplesCountMax = 3 }
    // Sixteen numbers each.
    try check(2) { $0.sampleValuesMax = 47 }
  }

  @Test func theBodyIsJSON() throws {
    try withService { _, client in
      try client.uploadSmall()
      func send(_ text: String, _ type: String) throws -> String {
        try client.send("POST", Self.path, .bytes(Array(text.utf8), type: type)).code
      }
      #expect(try send("{\"count\": 1", "application/json") == "malformed_json")
      #expect(try send("", "application/json") == "malformed_json")
      #expect(try send("{\"count\": 1}", "text/plain") == "unsupported_media_type")
      #expect(try send("{\"count\": 1}", "application/vnd.x+json; charset=utf-8") == "")
      #expect(
        try client.post("/v1/generators/nobody/samples", ["count": 1]).code
          == "generator_not_found")
    }
  }

  @Test func aBodyIsBoundedInBytesAndDepth() throws {
    let body = Array("{\"count\":1}".utf8)
    for (bytesMax, status) in [(body.count, 200), (body.count - 1, 413)] {
      try withService {
        $0.limits.jsonBodyBytesMax = bytesMax
      } _: { _, client in
        try client.uploadSmall()
        let answer = try client.send("POST", Self.path, .bytes(body, type: "application/json"))
        #expect(answer.status == status)
      }
    }
    for (depthMax, status) in [(3, 200), (2, 400)] {
      try withService {
        $0.limits.jsonDepthMax = depthMax
      } _: { _, client in
        try client.uploadSmall()
        #expect(try client.post(Self.path, ["latents": [[0, 0]]]).status == status)
      }
    }
  }
}
