import Documents
import Foundation
import Service
import Testing

/// When those who are turned away should try again.
struct RetryAdviceTests {
  private func moment(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1000 + seconds) }

  @Test func theRateIsThatOfTheLastFinishes() {
    let rate = FinishRate()
    #expect(rate.secondsPerFinish(at: moment(0)) == nil)
    for second in [0.0, 2] { rate.record(at: moment(second)) }
    #expect(rate.secondsPerFinish(at: moment(2)) == nil)
    for second in [4.0, 6, 8] { rate.record(at: moment(second)) }
    #expect(rate.secondsPerFinish(at: moment(8)) == 2)
    // Nothing has finished for a while: it is slower now.
    #expect(rate.secondsPerFinish(at: moment(18)) == 10)
    // Had there been nothing to do until just now, that would be no reason.
    rate.begin(at: moment(17))
    #expect(rate.secondsPerFinish(at: moment(18)) == 2)
    // An hour without work says nothing of the rate.
    for second in [3608.0, 3610, 3612] { rate.record(at: moment(second)) }
    #expect(rate.secondsPerFinish(at: moment(3612)) == 2)
    // What is long past is forgotten.
    for index in 0..<64 { rate.record(at: moment(4000 + 0.5 * Double(index))) }
    #expect(rate.secondsPerFinish(at: moment(4031.5)) == 0.5)
    // A clock that was set back is no reason for a negative time.
    rate.record(at: moment(0))
    #expect(rate.secondsPerFinish(at: moment(0)) ?? -1 >= 0)
  }

  @Test func adviceIsWholeSecondsWithinItsBounds() {
    #expect(RetryAdvice(secondsPerFinish: 0).queueFull == 1)
    #expect(RetryAdvice(secondsPerFinish: 2.1).queueFull == 3)
    #expect(RetryAdvice(secondsPerFinish: 3600).queueFull == 3600)
    #expect(RetryAdvice(secondsPerFinish: 1e300).queueFull == 3600)
    #expect(RetryAdvice(secondsPerFinish: .infinity).queueFull == 3600)
    #expect(RetryAdvice(secondsPerFinish: 2).clientBusy(clientCount: 0) == 2)
    #expect(RetryAdvice(secondsPerFinish: 2).clientBusy(clientCount: 30) == 60)
    #expect(
      RetryAdvice(secondsPerFinish: 2).streamsFull(unfinishedCount: 100, streamCount: 20) == 10)
    #expect(RetryAdvice(secondsPerFinish: 2).streamsFull(unfinishedCount: 1, streamCount: 20) == 2)
  }

  @Test func aFullQueueSaysHowQuicklyItEmpties() throws {
    try withService {
      $0.limits.queueLengthMax = 1
    } _: { _, client in
      try client.uploadSmall()
      let quick: JSONValue = [
        "generator": "small",
        "observation": ["values": .numbers(SmallGenerator.output(at: [0, 0]))],
      ]
      let begin = ContinuousClock.now
      for _ in 0..<4 { _ = try client.inverted(quick) }
      let running = try client.post("/v1/inversions", ServiceClient.endless("small")).json()
      let id = try #require(running["id"]?.string)
      _ = try client.running(id)
      #expect(try client.post("/v1/inversions", quick).status == 202)
      let refused = try client.post("/v1/inversions", quick)
      #expect(refused.status == 503 && refused.code == "queue_full")
      let seconds = try #require(refused.fields["retry-after"].flatMap { Int($0) })
      // By four quick ones, and by the one that runs, which began when this test did at the earliest.
      #expect(Double(seconds) <= 1 + (ContinuousClock.now - begin) / .seconds(1))
      _ = try client.send("POST", "/v1/inversions/\(id)/cancel")
    }
  }
}
