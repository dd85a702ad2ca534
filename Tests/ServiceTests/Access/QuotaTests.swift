import Documents
import Foundation
import HTTP
import HTTPTypes
import Service
import Testing

/// What one client may take, on both sides of each limit.
struct QuotaTests {
  @Test func aBucketGivesItsBurstAndThenItsRate() throws {
    let start = Date(timeIntervalSince1970: 1000)
    let quota = try #require(RateQuota(perSecond: 2, burst: 3))
    #expect(quota.policy == "\"requests\";q=3;w=2")
    for left in [2, 1, 0] {
      let standing = quota.take("a", now: start)
      #expect(standing.remaining == left && standing.retryAfterSeconds == nil)
    }
    let refused = quota.take("a", now: start)
    #expect(refused.retryAfterSeconds == 1 && refused.remaining == 0)
    #expect(refused.field == "\"requests\";r=0;t=2")
    // Another client has a bucket of its own.
    #expect(quota.take("b", now: start).remaining == 2)
    // Half a second gives one request, and not two.
    let later = start.addingTimeInterval(0.5)
    #expect(quota.take("a", now: later).retryAfterSeconds == nil)
    #expect(quota.take("a", now: later).retryAfterSeconds == 1)
    // A bucket does not hold more than its burst, and a clock that goes back takes nothing away.
    let muchLater = start.addingTimeInterval(3600)
    #expect(quota.take("a", now: muchLater).remaining == 2)
    #expect(quota.take("a", now: start).remaining == 1)
    let slow = try #require(RateQuota(perSecond: 0.01, burst: 1))
    #expect(slow.take("a", now: start).resetSeconds == 100)
    #expect(slow.take("a", now: start).retryAfterSeconds == 100)
    #expect(RateQuota(perSecond: 0, burst: 3) == nil)
    // Looking takes nothing.
    let looked = try #require(RateQuota(perSecond: 1, burst: 1))
    for _ in 0..<3 { #expect(looked.look("a", now: start).retryAfterSeconds == nil) }
    #expect(looked.take("a", now: start).retryAfterSeconds == nil)
    #expect(looked.look("a", now: start).retryAfterSeconds == 1)
  }

  @Test func requestsOverTheRateAreToldWhenToComeBack() throws {
    try withGuardedService {
      $0.access.quotas.requestsPerSecond = 0.001
      $0.access.quotas.requestsBurst = 2
    } _: { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      // All tokens of a client draw on one quota.
      let again = try guarded.tenant("one")
      for (client, left) in [(one, 1), (again, 0)] {
        let answer = try client.get("/v1/generators")
        #expect(answer.status == 200)
        #expect(answer.fields["ratelimit-policy"] == "\"requests\";q=2;w=2000")
        #expect(answer.fields["ratelimit"]?.hasPrefix("\"requests\";r=\(left);t=") == true)
      }
      let refused = try one.get("/v1/generators")
      #expect(refused.status == 429 && refused.code == "rate_limited")
      let seconds = try #require(refused.fields["retry-after"].flatMap { Int($0) })
      #expect((900...1000).contains(seconds))
      #expect(refused.fields["ratelimit"]?.hasPrefix("\"requests\";r=0;") == true)
      #expect(try two.get("/v1/generators").status == 200)
      #expect(try one.get("/healthz").status == 200)
      let metrics = try guarded.guest([.admin], of: "three").get("/metrics").text
      #expect(metrics.contains("preimage_rejections_total{reason=\"rate_limited\"} 1\n"))
    }
  }

  @Test func withoutAQuotaNothingIsSaidOfOne() throws {
    try withService { _, client in
      let answer = try client.get("/v1/generators")
      #expect(answer.fields["ratelimit"] == nil && answer.fields["ratelimit-policy"] == nil)
    }
  }

  @Test func unfinishedInversionsOfOneClientAreBounded() throws {
    try withGuardedService {
      $0.access.quotas.unfinishedInversionsMax = 2
    } _: { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      for client in [one, two] { try client.uploadSmall() }
      let request = ServiceClient.endless("small")
      var ids: [String] = []
      for _ in 0..<2 {
        let answer = try one.post("/v1/inversions", request)
        #expect(answer.status == 202)
        ids.append(try #require(try answer.json()["id"]?.string))
      }
      let refused = try one.post("/v1/inversions", request)
      #expect(refused.status == 429 && refused.code == "too_many_unfinished")
      // All of a batch, or none of it.
      let observations = BatchTests.form(["generator": "small"], BatchTests.observations(2))
      let batch = try one.send("POST", "/v1/batches", observations)
      #expect(batch.status == 429 && batch.code == "too_many_unfinished")
      #expect(try two.send("POST", "/v1/batches", observations).status == 202)
      #expect((1...3600).contains(refused.fields["retry-after"].flatMap { Int($0) } ?? 0))
      #expect(try two.post("/v1/inversions", request).status == 429)
      let metrics = try guarded.guest([.admin], of: "three").get("/metrics").text
      #expect(metrics.contains("preimage_batch_inversions_bucket{le=\"4\"} 1\n"))
      _ = try one.send("POST", "/v1/inversions/\(ids[1])/cancel")
      #expect(try one.finished(ids[1])["status"] == "canceled")
      #expect(try one.post("/v1/inversions", request).status == 202)
    }
  }

  @Test func storedBytesOfOneClientAreBounded() throws {
    let file = SmallGenerator.file()
    try withGuardedService {
      $0.access.quotas.storageBytesMax = file.count + 600
    } _: { guarded in
      let (one, two) = (try guarded.tenant("one"), try guarded.tenant("two"))
      try one.uploadSmall()
      try two.uploadSmall()
      let upload = ServiceClient.Body.bytes(
        SmallGenerator.file(scale: 2), type: "application/octet-stream")
      let refused = try one.send("POST", "/v1/generators?name=b", upload)
      #expect(refused.status == 507 && refused.code == "storage_quota_exceeded")
      let chunked = ServiceClient.Body.chunked(
        SmallGenerator.file(scale: 2), type: "application/octet-stream", sizes: [100])
      #expect([413, 507].contains(try one.send("POST", "/v1/generators?name=b", chunked).status))
      let request: JSONValue = [
        "generator": "small",
        "observation": ["values": .numbers(SmallGenerator.output(at: [0, 0]))],
      ]
      let id = try #require(try one.inverted(request)["id"]?.string)
      // What it left behind is counted.
      let full = try one.post("/v1/inversions", request)
      #expect(full.status == 507 && full.code == "storage_quota_exceeded")
      #expect(try one.send("DELETE", "/v1/inversions/\(id)").status == 204)
      #expect(try one.inverted(request)["status"] == "succeeded")
      #expect(try one.send("DELETE", "/v1/generators/small").status == 204)
      #expect(try one.get("/v1/generators").json()["generators"]?.elements?.isEmpty == true)
    }
  }
}
