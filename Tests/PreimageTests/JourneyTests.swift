import Documents
import Foundation
import Glibc
import SignalFormats
import Testing

/// What clients do with a running server beyond one inversion: batches, forms, event streams, and
/// the Open Inference Protocol.
@Suite(.serialized, .needsProgram)
struct JourneyTests {
  private static let formType = "multipart/form-data; boundary=edge"

  private static func form(_ request: JSONValue, _ name: String, _ file: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (name, content) in [("request", JSONWriter.bytes(of: request)), (name, file)] {
      bytes += Array("--edge\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n".utf8)
      bytes += content + [0x0D, 0x0A]
    }
    return bytes + Array("--edge--\r\n".utf8)
  }

  /// Outputs of a bundled generator, one a row.
  private static func samples(_ server: RunningServer, _ count: Int) throws -> [UInt8] {
    let answer = try server.post(
      "/v1/generators/fashion-mlp/samples?format=npy", ["count": JSONValue(count), "seed": 3])
    #expect(answer.status == 200)
    return answer.body
  }

  @Test func aBatchThatWasAcceptedOutlivesItsServer() throws {
    try withFolder { folder in
      let first = try RunningServer("a.sqlite", in: folder)
      defer { first.child.kill() }
      let observations = try Self.samples(first, 12)
      let accepted = try first.post(
        "/v1/batches", Self.form(["generator": "fashion-mlp"], "observations", observations),
        type: Self.formType)
      #expect(accepted.status == 202)
      let id = try #require(try accepted.json()["id"]?.string)
      first.child.kill()
      let second = try RunningServer("a.sqlite", in: folder)
      defer { second.child.kill() }
      let list = try second.get("/v1/inversions?batch=\(id)").json()
      let inversions = list["inversions"]?.elements ?? []
      #expect(inversions.count == 12)
      for inversion in inversions {
        let done = try second.get("/v1/inversions/\(inversion["id"]?.string ?? "")?wait=50").json()
        #expect(done["status"] == "succeeded")
      }
      let batch = try second.get("/v1/batches/\(id)").json()
      #expect(batch["status"] == "finished" && batch["counts"]?["succeeded"] == 12)
      let found = try NPY.read(try second.get("/v1/batches/\(id)/reconstructions?format=npy").body)
      let wanted = try NPY.read(observations)
      #expect(found.shape == wanted.shape)
      #expect(zip(found.values, wanted.values).allSatisfy { abs($0 - $1) < 0.01 })
    }
  }

  @Test func aFormWithAFileIsInvertedAndItsEventsTellOfIt() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let observation = try Self.samples(server, 1)
      let accepted = try server.post(
        "/v1/inversions", Self.form(["generator": "fashion-mlp"], "observation", observation),
        type: Self.formType)
      #expect(accepted.status == 202)
      let id = try #require(try accepted.json()["id"]?.string)
      // The stream ends with the inversion.
      let stream = try server.get("/v1/inversions/\(id)/events")
      #expect(stream.status == 200)
      let text = String(decoding: stream.body, as: UTF8.self)
      #expect(text.contains("event: completed\ndata: {\"id\":\"\(id)\",\"status\":\"succeeded\""))
    }
  }

  @Test func anInferenceIsASample() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      #expect(try server.get("/v2/health/ready").status == 200)
      let latents = JSONValue.numbers((0..<40).map { Double($0) / 20 - 1 })
      let inferred = try server.post(
        "/v2/models/fashion-mlp/infer",
        [
          "inputs": [
            ["name": "latents", "shape": [2, 20], "datatype": "FP32", "data": latents]
          ]
        ])
      #expect(inferred.status == 200)
      let output = try #require(try inferred.json()["outputs"]?.elements?.first)
      let rows = JSONValue.array(
        (0..<2).map { .numbers(Array((latents.numbers ?? [])[20 * $0..<20 * ($0 + 1)])) })
      let sampled = try server.post("/v1/generators/fashion-mlp/samples", ["latents": rows])
      let outputs = try sampled.json()["outputs"]?.elements ?? []
      #expect(output["shape"] == (try sampled.json()["shape"]))
      #expect(output["data"]?.numbers == outputs.flatMap { $0.numbers ?? [] })
    }
  }

  @Test func aStopEndsAnEventStreamCleanly() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder)
      defer { server.child.kill() }
      let accepted = try server.post(
        "/v1/inversions",
        [
          "generator": "fashion-mlp", "observation": ["values": [90, -90, 90]],
          "measurement": ["type": "mask", "observed": ["indices": [300, 301, 302]]],
          "solver": [
            "type": "adam", "iterations_max": 1000, "restarts_max": 256, "starts": "prior",
          ],
        ])
      let id = try #require(try accepted.json()["id"]?.string)
      // Python's client fails on a body that breaks off before its last chunk.
      let script = """
        import http.client, sys
        connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
        connection.request("GET", "/v1/inversions/" + sys.argv[2] + "/events")
        response = connection.getresponse()
        while line := response.readline():
            if line.startswith(b"event:"):
                print(line.decode().strip(), flush=True)
        print("end", flush=True)
        """
      let listener = try Child(
        "/usr/bin/env", ["python3", "-c", script, "\(server.port)", id], in: folder)
      defer { listener.kill() }
      #expect(try listener.line(seconds: 30) == "event: progress")
      server.child.signal(SIGTERM)
      let heard = try listener.wait(seconds: 30)
      #expect(heard.status == 0, "\(heard.errors)")
      #expect(heard.output.hasSuffix("end\n"))
      #expect(try server.child.wait(seconds: 30).status == 0)
    }
  }
}
