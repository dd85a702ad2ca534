// Notices reach those who observe, and nobody else.

import Jobs
import Synchronization
import Testing

@Suite("Job changes")
struct JobChangesTests {
  final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func add() { value.add(1, ordering: .relaxed) }
    var count: Int { value.load(ordering: .relaxed) }
  }

  @Test("only observers of the job are told, until they cancel or go away")
  func delivery() {
    let changes = JobChanges()
    let a = Counter()
    let b = Counter()
    let observation = changes.observe("a") { _ in a.add() }
    var second: JobObservation? = changes.observe("a") { _ in a.add() }
    let other = changes.observe("b") { id in if id == "b" { b.add() } }
    changes.publish("a")
    changes.publish("nobody")
    #expect(a.count == 2 && b.count == 0)
    observation.cancel()
    observation.cancel()
    changes.publish("a")
    #expect(a.count == 3)
    #expect(second != nil)
    second = nil
    changes.publish("a")
    changes.publish("b")
    #expect(a.count == 3 && b.count == 1)
    #expect(changes.observerCount == 1)
    other.cancel()
    #expect(changes.observerCount == 0)
  }

  @Test("a handler may cancel itself, observe and publish")
  func reentrancy() {
    let changes = JobChanges()
    let count = Counter()
    let held = Mutex<JobObservation?>(nil)
    let first = changes.observe("a") { _ in
      count.add()
      guard count.count == 1 else { return }
      let inner = changes.observe("b") { _ in count.add() }
      changes.publish("b")
      inner.cancel()
      changes.publish("a")
    }
    held.withLock { $0 = first }
    changes.publish("a")
    #expect(count.count == 3)
    held.withLock { $0?.cancel() }
  }

  @Test("a thousand observers are each told once")
  func thousand() {
    let changes = JobChanges()
    let count = Counter()
    let observations = (0..<1000).map { index in
      changes.observe("job-\(index % 10)") { _ in count.add() }
    }
    for index in 0..<10 { changes.publish("job-\(index)") }
    #expect(count.count == 1000)
    for observation in observations { observation.cancel() }
    #expect(changes.observerCount == 0)
  }
}
