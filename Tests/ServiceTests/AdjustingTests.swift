import Documents
import Foundation
import Logging
import Service
import Synchronization
import Testing

/// What a running service takes up without a restart.
struct AdjustingTests {
  @Test func requestsAndTheirDescriptionFollowNewLimits() throws {
    var limits = ServiceLimits()
    try withService {
      limits = $0.limits
    } _: { service, client in
      try client.uploadSmall()
      func status(labels: Int) throws -> Int {
        var members: JSONObject = [:]
        for index in 0..<labels { members["l\(index)"] = "v" }
        return try client.post(
          "/v1/inversions",
          [
            "generator": "small", "observation": ["values": SmallGenerator.unreachable],
            "solver": ["type": "adam", "iterations_max": 1, "restarts_max": 1],
            "labels": .object(members),
          ]
        ).status
      }
      #expect(try status(labels: 6) == 202)
      limits.labelsMax = 5
      service.adjust(limits: limits, access: AccessConfiguration())
      #expect(try status(labels: 6) == 400)
      #expect(try status(labels: 5) == 202)
      let document = try client.get("/openapi.json").text
      #expect(document.contains("\"maxProperties\":5"))
    }
  }

  @Test func quotasBeginAnewWhereTheyChangeAndOnlyThere() throws {
    var access = AccessConfiguration()
    access.quotas.requestsPerSecond = 0.001
    access.quotas.requestsBurst = 1
    try withService {
      $0.access = access
    } _: { service, client in
      func status() throws -> Int { try client.get("/v1/generators").status }
      #expect(try status() == 200)
      #expect(try status() == 429)
      access.tokenMemorySeconds = 5
      service.adjust(limits: ServiceLimits(), access: access)
      #expect(try status() == 429)
      access.quotas.requestsBurst = 2
      service.adjust(limits: ServiceLimits(), access: access)
      let statuses = try [status(), status(), status()]
      #expect(statuses == [200, 200, 429])
      access.quotas.requestsPerSecond = 0
      service.adjust(limits: ServiceLimits(), access: access)
      #expect(try status() == 200)
    }
  }

  @Test func nothingIsSentToAServiceThatStartsOrDrains() throws {
    try withService { _ in
    } _: { service, client in
      func check(_ status: Int, isReady: Bool) throws {
        let answer = try client.get("/readyz")
        let metrics = try client.get("/metrics").text
        #expect(answer.status == status)
        #expect(metrics.contains("\npreimage_ready \(isReady ? 1 : 0)\n"))
      }
      try check(200, isReady: true)
      for phase in [Readiness.Phase.starting, .draining] {
        service.readiness.enter(phase)
        try check(503, isReady: false)
      }
      #expect(service.isStopping && service.isAlive(withinSeconds: 5))
      service.readiness.enter(.ready)
      try check(200, isReady: true)
    }
  }

  @Test func aServiceIsAliveFromItsStartOn() throws {
    try withService { _ in
    } _: { service, client in
      // The upkeep's first round is not waited for.
      let deadline = ContinuousClock.now + .seconds(20)
      while !service.isAlive(withinSeconds: 5), ContinuousClock.now < deadline {}
      #expect(service.isAlive(withinSeconds: 5))
      #expect(!service.isAlive(withinSeconds: 0), "no time is enough for nobody")
      #expect(!service.isStopping)
    }
  }

  @Test func loggersFollowTheLevelOfTheirSink() {
    let written = Mutex<[UInt8]>([])
    let sink = LogSink(format: .text, level: .warning) { bytes in written.withLock { $0 += bytes } }
    let logger = Logger(label: "test") { _ in SinkLogHandler(sink) }
    var own = logger
    own.logLevel = .error
    logger.info("one")
    sink.adjust(format: .json, level: .info)
    logger.info("two")
    own.info("three")
    sink.flush()
    let text = String(decoding: written.withLock { $0 }, as: UTF8.self)
    #expect(text.contains("\"message\":\"two\""))
    #expect(!text.contains("one") && !text.contains("three"))
  }
}
