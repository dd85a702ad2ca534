import Dispatch
import Documents
import HTTPTypes
import Service
import SignalFormats
import Synchronization
import Testing

/// One inversion: read, waited for, canceled, deleted, and its outputs.
struct InversionTests {
  private static func planted(_ latent: [Float] = [0.4, -0.7]) -> JSONValue {
    [
      "generator": "small",
      "observation": ["values": .numbers(SmallGenerator.output(at: latent))],
    ]
  }

  private static func id(_ inversion: JSONValue) throws -> String {
    try #require(inversion["id"]?.string)
  }

  private static func path(_ inversion: JSONValue) throws -> String {
    "/v1/inversions/\(try id(inversion))"
  }

  @Test func aLongPollEndsWithTheNextRevision() throws {
    try withService { _, client in
      try client.uploadSmall()
      let busy = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      _ = try client.running(try Self.id(busy))
      let queued = try client.post("/v1/inversions", Self.planted()).json()
      let path = try Self.path(queued)
      let first = try client.get(path)
      let tag = try #require(first.fields["etag"])
      #expect(try first.json()["status"] == "queued")
      #expect(try client.get(path, fields: ["If-None-Match": tag]).status == 304)
      // Nothing happens to it: the poll ends with its time.
      let idle = try client.get("\(path)?wait=1", fields: ["If-None-Match": tag])
      #expect(idle.status == 304 && idle.fields["etag"] == tag)
      #expect(try client.get("\(path)?wait=1").json()["status"] == "queued")
      _ = try client.send("POST", "\(try Self.path(busy))/cancel")
      let next = try client.get("\(path)?wait=50", fields: ["If-None-Match": tag])
      #expect(next.status == 200 && next.fields["etag"] != tag)
      let done = try client.get("\(path)?wait=50")
      #expect(try done.json()["status"] == "succeeded")
      // A finished one is not waited for.
      let known = ["If-None-Match": try #require(done.fields["etag"])]
      #expect(try client.get("\(path)?wait=50", fields: known).status == 304)
    }
  }

  @Test(arguments: [("0", 200), ("60", 200), ("61", 400), ("-1", 400), ("x", 400), ("", 400)])
  func aWaitIsBounded(seconds: String, status: Int) throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(Self.planted())
      #expect(try client.get("\(Self.path(done))?wait=\(seconds)").status == status)
    }
  }

  @Test func aQueuedInversionIsCanceledAtOnceAndARunningOneStops() throws {
    try withService { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      _ = try client.running(try Self.id(running))
      let queued = try client.post("/v1/inversions", Self.planted()).json()
      let canceled = try client.send("POST", "\(try Self.path(queued))/cancel")
      #expect(canceled.status == 200)
      #expect(try canceled.json()["status"] == "canceled")
      #expect(try canceled.json()["result"] == .null)
      let stopping = try client.send("POST", "\(try Self.path(running))/cancel")
      #expect([200, 202].contains(stopping.status))
      let stopped = try client.finished(try Self.id(running))
      #expect(stopped["status"] == "canceled")
      // What was found by then is kept.
      #expect(stopped["result"]?["termination"] == "cancelled")
      // Once more changes nothing.
      let again = try client.send("POST", "\(try Self.path(running))/cancel")
      #expect(again.status == 200)
      #expect(try again.json() == stopped)
    }
  }

  @Test func aFinishedInversionIsNotCanceled() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(Self.planted())
      let answer = try client.send("POST", "\(try Self.path(done))/cancel")
      #expect(answer.status == 200)
      #expect(try answer.json() == done)
    }
  }

  @Test func onlyFinishedInversionsAreDeleted() throws {
    try withService { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      let path = try Self.path(running)
      let refused = try client.send("DELETE", path)
      #expect(refused.status == 409 && refused.code == "inversion_not_finished")
      _ = try client.send("POST", "\(path)/cancel")
      _ = try client.finished(try Self.id(running))
      let deleted = try client.send("DELETE", path)
      #expect(deleted.status == 204 && deleted.body.isEmpty)
      for answer in [
        try client.get(path), try client.get("\(path)?wait=5"), try client.send("DELETE", path),
        try client.send("POST", "\(path)/cancel"), try client.get("\(path)/latent"),
      ] {
        #expect(answer.status == 404 && answer.code == "inversion_not_found")
      }
    }
  }

  @Test func outputsComeInEachFormat() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(Self.planted())
      let path = try Self.path(done)
      let latent = try #require(done["result"]?["latent"]?.numbers).map { Float($0) }
      for (name, shape, values) in [
        ("latent", [2], latent),
        ("reconstruction", [1, 4, 4], SmallGenerator.output(at: latent).map { Float($0) }),
      ] {
        let json = try client.get("\(path)/\(name)")
        #expect(json.fields["vary"] == "Accept")
        #expect(try json.json()["shape"] == JSONValue(shape))
        let numbers = try #require(try json.json()["values"]?.numbers)
        #expect(zip(numbers, values).allSatisfy { abs($0 - Double($1)) < 1e-6 }, "\(name)")
        let npy = try client.get("\(path)/\(name)", fields: ["Accept": "application/x-npy"])
        let array = try NPY.read(npy.body)
        #expect(array.shape == shape)
        #expect(array.values == numbers.map { Float($0) })
        let png = try client.get("\(path)/\(name)?format=png")
        let raster = try PNG.decode(png.body)
        #expect([raster.height, raster.width] == (name == "latent" ? [1, 2] : [4, 4]))
        let refused = try client.get("\(path)/\(name)", fields: ["Accept": "text/html"])
        #expect(refused.status == 406)
        #expect(try client.get("\(path)/\(name)?format=tiff").status == 400)
      }
    }
  }

  @Test func outputsOfWhatIsNotFinishedAreAConflict() throws {
    try withService { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      _ = try client.running(try Self.id(running))
      let queued = try client.post("/v1/inversions", Self.planted()).json()
      for inversion in [running, queued] {
        let answer = try client.get("\(Self.path(inversion))/reconstruction")
        #expect(answer.status == 409 && answer.code == "inversion_not_finished")
      }
      _ = try client.send("POST", "\(try Self.path(queued))/cancel")
      let none = try client.get("\(Self.path(queued))/latent")
      #expect(none.status == 404 && none.code == "no_result")
      _ = try client.send("POST", "\(try Self.path(running))/cancel")
    }
  }

  @Test func outputsOutliveTheirGenerator() throws {
    try withService { _, client in
      try client.uploadSmall()
      let done = try client.inverted(Self.planted())
      #expect(try client.send("DELETE", "/v1/generators/small").status == 204)
      let again = try client.get(try Self.path(done)).json()
      #expect(again["generator_name"] == "small")
      let output = try client.get("\(Self.path(done))/reconstruction").json()
      #expect(output["shape"] == [16])
    }
  }

  @Test func aServerThatStopsAnswersThoseWhoWait() throws {
    let answer = Mutex<Answer?>(nil)
    let isAnswered = DispatchSemaphore(value: 0)
    try withService { _, client in
      try client.uploadSmall()
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      _ = try client.running(try Self.id(running))
      let path = try Self.path(running)
      DispatchQueue.global().async {
        let last = try? client.get("\(path)?wait=50")
        answer.withLock { $0 = last }
        isAnswered.signal()
      }
      // Until the other connection is there; the request after it finds its handler busy.
      while try !client.get("/metrics").text.contains("preimage_http_connections_open 2\n") {}
      _ = try client.get("/readyz")
    }
    try #require(isAnswered.wait(timeout: .now() + 30) == .success)
    let last = try #require(answer.withLock { $0 }, "it was cut off")
    // Handed back, for the next start.
    #expect(try last.json()["status"] == "queued")
  }
}
