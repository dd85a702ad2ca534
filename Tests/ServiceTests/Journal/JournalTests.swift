import Documents
import Foundation
import Logging
import Service
import Storage
import Synchronization
import Testing

/// The log: a line a request, a line an inversion, and no secret in any.
struct JournalTests {
  /// What a service wrote, line by line.
  final class Pages: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func sink(
      _ format: LogSink.Format, level: Logger.Level = .trace, waitingMax: Int = 100_000
    ) -> LogSink {
      LogSink(format: format, level: level, waitingMax: waitingMax) { [self] new in
        bytes.withLock { $0 += new }
      }
    }

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func lines(_ message: String) throws -> [JSONValue] {
      try text.split(separator: "\n").map { try JSONParser().parse(Array($0.utf8)) }
        .filter { $0["message"]?.string == message }
    }
  }

  private static func keep(
    _ pages: Pages, in configuration: inout PreimageService.Configuration,
    level: Logger.Level = .trace
  ) {
    let sink = pages.sink(.json, level: level)
    configuration.journal = Journal(sink)
    configuration.logger = Logger(label: "test") { _ in SinkLogHandler(sink) }
  }

  @Test func everyRequestAndEveryInversionHasALine() throws {
    let pages = Pages()
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    var id = ""
    try withGuardedService {
      Self.keep(pages, in: &$0)
    } _: { guarded in
      let client = try guarded.tenant("acme")
      try client.uploadSmall()
      let answer = try client.post(
        "/v1/inversions",
        [
          "generator": "small",
          "observation": ["values": .numbers(SmallGenerator.output(at: [0.3, 0.3]))],
        ],
        fields: [
          "Prefer": "wait=50", "X-Request-Id": "mine-7",
          "traceparent": "00-\(trace)-00f067aa0ba902b7-01",
        ])
      #expect(answer.fields["traceparent"]?.hasPrefix("00-\(trace)-") == true)
      #expect(answer.fields["traceparent"] != "00-\(trace)-00f067aa0ba902b7-01")
      id = try #require(try answer.json()["id"]?.string)
      _ = try client.get("/v1/inversions/\(id)?wait=0")
      _ = try client.get("/nowhere")
    }
    let requests = try pages.lines("request")
    #expect(requests.count == 4)
    let line = try #require(requests.first { $0["request_id"] == "mine-7" })
    #expect(line["method"] == "POST" && line["route"] == "/v1/inversions" && line["status"] == 200)
    #expect(line["trace_id"]?.string == trace && line["client"] == "acme")
    #expect(line["address"] == "127.0.0.1" && line["level"] == "info")
    #expect((line["seconds"]?.number ?? -1) > 0 && (line["response_bytes"]?.number ?? 0) > 100)
    #expect(line["token_id"]?.string?.count == 10)
    // Routes, and not paths, are in the log.
    #expect(requests.contains { $0["route"] == "/v1/inversions/{id}" })
    #expect(requests.contains { $0["route"] == "none" && $0["status"] == 404 })
    let ended = try pages.lines("inversion")
    #expect(ended.count == 1)
    let end = try #require(ended.first)
    #expect(end["id"]?.string == id && end["status"] == "succeeded")
    #expect(end["verdict"] == "recovered" && end["reason"] == "converged")
    #expect(end["trace_id"]?.string == trace && end["client"] == "acme")
    #expect((end["iterations"]?.number ?? 0) >= 1 && (end["seconds"]?.number ?? -1) >= 0)
  }

  @Test func inversionsThatEndInTheQueueHaveALineToo() throws {
    let pages = Pages()
    try withService {
      Self.keep(pages, in: &$0)
    } _: { _, client in
      try client.uploadSmall()
      var ids: [String] = []
      for _ in 0..<2 {
        let answer = try client.post("/v1/inversions", ServiceClient.endless("small"))
        ids.append(try #require(try answer.json()["id"]?.string))
      }
      _ = try client.running(ids[0])
      for id in ids.reversed() {
        _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
        #expect(try client.finished(id)["status"] == "canceled")
      }
      let metrics = try client.get("/metrics").text
      let queued = "{status=\"canceled\",verdict=\"none\",reason=\"in_queue\"} 1\n"
      #expect(metrics.contains("preimage_inversions_finished_total" + queued))
    }
    #expect(try pages.lines("inversion").map { $0["status"]?.string } == ["canceled", "canceled"])
  }

  @Test func noSecretIsEverInTheLog() throws {
    let pages = Pages()
    var secrets: [String] = []
    try withGuardedService {
      Self.keep(pages, in: &$0)
    } _: { guarded in
      let token = try guarded.token(Scope.allCases, of: "acme")
      let stranger = AccessToken()
      secrets = [token, stranger].map { String($0.text.suffix(52)) } + ["c2VjcmV0", "hunter2"]
      var client = guarded.client
      client.token = token.text
      try client.uploadSmall()
      #expect(try client.get("/v1/inversions").status == 200)
      _ = try client.get("/v1/inversions?label.password=hunter2")
      _ = try client.get("/v1/generators/hunter2")
      _ = try client.post("/v1/inversions", ["generator": "hunter2", "password": "hunter2"])
      for value in ["Bearer \(stranger.text)", "Basic c2VjcmV0", "\(token.text)"] {
        _ = try guarded.client.get("/v1/inversions", fields: ["Authorization": value])
      }
      _ = try guarded.client.get("/v1/inversions?access_token=\(token.text)")
      // The errors of the server's own too.
      try guarded.service.database.executeRaw("ALTER TABLE job_requests RENAME TO lost")
      _ = try client.get("/v1/inversions")
      try guarded.service.database.executeRaw("ALTER TABLE lost RENAME TO job_requests")
      // And where a token is printed by mistake.
      #expect("\(token)" == "preimage_\(token.id)_…")
      #expect(!String(reflecting: token).contains(secrets[0]))
      var dumped = ""
      dump(token, to: &dumped)
      #expect(!dumped.contains(secrets[0]))
    }
    #expect(try pages.lines("request").count >= 9)
    for secret in secrets { #expect(!pages.text.contains(secret), "\(secret)") }
  }

  @Test func aFailureOfTheServersOwnIsLoggedAndNotToldToTheClient() throws {
    let pages = Pages()
    try withService {
      Self.keep(pages, in: &$0, level: .error)
    } _: { service, client in
      try client.uploadSmall()
      try service.database.executeRaw("ALTER TABLE job_requests RENAME TO lost")
      let answer = try client.post(
        "/v1/inversions",
        [
          "generator": "small",
          "observation": ["values": .numbers(SmallGenerator.output(at: [0, 0]))],
        ], fields: ["X-Request-Id": "mine-8"])
      try service.database.executeRaw("ALTER TABLE lost RENAME TO job_requests")
      #expect(answer.status == 500 && answer.code == "storage_failed")
      for word in ["SQL", "job_requests", "table", "sqlite", "swift", "/"] {
        #expect(try !(answer.json()["detail"]?.string ?? "").contains(word), "\(word)")
      }
    }
    let cause = try #require(try pages.lines("a request failed").first)
    #expect(cause["request_id"] == "mine-8" && cause["level"] == "error")
    #expect(cause["error"]?.string?.contains("job_requests") == true)
    let line = try #require(try pages.lines("request").first)
    #expect(line["request_id"] == "mine-8" && line["status"] == 500 && line["level"] == "error")
  }

  @Test func probesAreOnlyToldOfWhenAsked() throws {
    for (level, count) in [(Logger.Level.info, 0), (.debug, 2)] {
      let pages = Pages()
      try withService {
        Self.keep(pages, in: &$0, level: level)
      } _: { _, client in
        _ = try client.get("/healthz")
        _ = try client.get("/readyz")
      }
      #expect(try pages.lines("request").count == count, "\(level)")
    }
  }
}
