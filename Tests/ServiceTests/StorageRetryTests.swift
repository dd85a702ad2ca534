import Service
import Storage
import Testing

/// What is tried again when storage fails, and how often.
struct StorageRetryTests {
  private func tries(_ error: any Error, failures: Int, isPointless: Bool = false) -> (
    count: Int, succeeded: Bool
  ) {
    var count = 0
    let retry = StorageRetry(pausesSeconds: [0, 0, 0])
    func body() throws -> Int {
      count += 1
      if count <= failures { throw error }
      return count
    }
    let value = try? retry.attempt(body, unless: { isPointless })
    return (count, value != nil)
  }

  @Test func whatMayPassIsTriedAgain() {
    let passing: [StorageError] = [.io(detail: "a"), .busy(detail: "b"), .full(detail: "c")]
    for error in passing {
      #expect(tries(error, failures: 3) == (4, true))
      #expect(tries(error, failures: 4) == (4, false))
      #expect(tries(error, failures: 1, isPointless: true) == (1, false))
    }
  }

  @Test func whatLastsIsNot() {
    struct Other: Error {}
    let lasting: [any Error] = [
      StorageError.corrupt(detail: "a"), StorageError.generatorMissing(id: "b"), Other(),
    ]
    for error in lasting { #expect(tries(error, failures: 1) == (1, false)) }
  }
}
