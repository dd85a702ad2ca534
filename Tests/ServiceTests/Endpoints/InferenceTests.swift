import Documents
import Service
import Testing

/// The Open Inference Protocol: what probes and clients of it rely on.
struct InferenceTests {
  private static let latents: [[Float]] = [[0.4, -0.7], [-0.2, 0.5]]

  private static func request(
    data: JSONValue, shape: JSONValue = [2, 2], name: String = "latents",
    type: String = "FP32", others: JSONObject = [:]
  ) -> JSONValue {
    var document: JSONObject = [
      "inputs": [["name": .string(name), "shape": shape, "datatype": .string(type), "data": data]]
    ]
    for (key, value) in others.members { document[key] = value }
    return .object(document)
  }

  @Test func probesFindAServerThatIsAliveAndReady() throws {
    try withService { service, client in
      #expect(try client.get("/v2").json()["name"] == "preimage")
      #expect(try client.get("/v2/health/live").json() == ["live": true])
      #expect(try client.get("/v2/health/ready").json() == ["ready": true])
      service.readiness.enter(.draining)
      #expect(try client.get("/v2/health/live").status == 200)
      let answer = try client.get("/v2/health/ready")
      #expect(answer.status == 503 && answer.fields["retry-after"] != nil)
      #expect(try answer.json()["error"]?.string?.contains("draining") == true)
    }
  }

  @Test func aGeneratorIsAModel() throws {
    try withService { _, client in
      let id = try #require(try client.uploadSmall()["id"]?.string)
      for name in [id, "small"] {
        let model = try client.get("/v2/models/\(name)").json()
        #expect(model["name"]?.string == name)
        #expect(
          model["inputs"] == [["name": "latents", "datatype": "FP32", "shape": [-1, 2]]])
        #expect(
          model["outputs"] == [["name": "outputs", "datatype": "FP32", "shape": [-1, 1, 4, 4]]])
        #expect(try client.get("/v2/models/\(name)/ready").json()["ready"] == true)
      }
      for path in ["/v2/models/none", "/v2/models/none/ready"] {
        let answer = try client.get(path)
        #expect(answer.status == 404)
        #expect(answer.fields["content-type"] == "application/json")
        #expect(try answer.json()["error"]?.string?.contains("\"none\"") == true)
      }
    }
  }

  @Test func anInferenceIsTheForwardPass() throws {
    try withService { _, client in
      try client.uploadSmall()
      let wanted = Self.latents.flatMap { SmallGenerator.output(at: $0) }
      let flat = JSONValue(Self.latents.flatMap { $0 })
      let nested = JSONValue.array(Self.latents.map { JSONValue($0) })
      for data in [flat, nested] {
        let answer = try client.post(
          "/v2/models/small/infer",
          Self.request(
            data: data,
            others: [
              "id": "7", "parameters": ["priority": 1], "outputs": [["name": "outputs"]],
            ]))
        #expect(answer.status == 200, "\(answer.text)")
        let document = try answer.json()
        #expect(document["model_name"] == "small" && document["id"] == "7")
        let output = try #require(document["outputs"]?.elements?.first)
        #expect(output["shape"] == [2, 1, 4, 4] && output["datatype"] == "FP32")
        let values = output["data"]?.numbers ?? []
        #expect(values.count == 32)
        #expect(zip(values, wanted).allSatisfy { abs($0 - $1) < 1e-5 })
      }
    }
  }

  @Test func whatIsNoTensorOfLatentsIsRefusedInTheProtocolsWords() throws {
    try withService {
      $0.limits.samplesCountMax = 3
    } _: { _, client in
      try client.uploadSmall()
      func status(_ request: JSONValue) throws -> Int {
        let answer = try client.post("/v2/models/small/infer", request)
        if answer.status != 200 {
          #expect(try answer.json()["error"]?.string?.isEmpty == false, "\(answer.text)")
        }
        return answer.status
      }
      #expect(try status(Self.request(data: [1, 2, 3, 4, 5, 6], shape: [3, 2])) == 200)
      let refused = [
        Self.request(data: [1, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2]),
        Self.request(data: [1, 2, 3]), Self.request(data: [1, 2, 3, 4, 5]),
        Self.request(data: [[1, 2], [3]]), Self.request(data: [[1, 2], ["a", 4]]),
        Self.request(data: [1, 2, 3, 1e300]), Self.request(data: 1),
        Self.request(data: [1, 2, 3, 4], shape: [4]),
        Self.request(data: [1, 2, 3, 4], shape: [2, 1, 2]),
        Self.request(data: [1, 2, 3, 4], name: "z"),
        Self.request(data: [1, 2, 3, 4], type: "FP64"),
        Self.request(data: [1, 2, 3, 4], others: ["outputs": [["name": "z"]]]),
        Self.request(data: [1, 2, 3, 4], others: ["more": 1]), [:], ["inputs": []],
      ]
      for (index, request) in refused.enumerated() {
        #expect([400, 422].contains(try status(request)), "\(index)")
      }
      let missing = try client.post("/v2/models/none/infer", Self.request(data: [1, 2, 3, 4]))
      #expect(missing.status == 404)
      let text = try client.send(
        "POST", "/v2/models/small/infer", .bytes([1], type: "text/plain"))
      #expect(text.status == 415)
    }
  }
}
