import Dispatch
import Service
import Synchronization
import Testing

/// What is kept of values that are dear to make.
@Suite(.timeLimit(.minutes(1)))
struct ShelfTests {
  private struct Refused: Error {}

  @Test func manyThreadsMakeAValueOnce() throws {
    let shelf = Shelf<Int>(bytesMax: 100) { _ in 1 }
    let made = Atomic(0)
    let asked = DispatchGroup()
    let isOpen = DispatchSemaphore(value: 0)
    let found = Mutex<[Int]>([])
    for _ in 0..<8 {
      DispatchQueue.global().async(group: asked) {
        let value = try? shelf.value("a") {
          isOpen.wait()
          return made.wrappingAdd(1, ordering: .relaxed).newValue
        }
        found.withLock { $0.append(value ?? -1) }
      }
    }
    // Another name waits for nobody.
    #expect(try shelf.value("b") { 7 } == 7)
    for _ in 0..<8 { isOpen.signal() }
    asked.wait()
    #expect(found.withLock { $0 } == [Int](repeating: 1, count: 8))
  }

  @Test func whatFailsIsTriedAgain() throws {
    let shelf = Shelf<Int>(bytesMax: 100) { _ in 1 }
    #expect(throws: Refused.self) { try shelf.value("a") { throw Refused() } }
    #expect(try shelf.value("a") { 3 } == 3)
    #expect(try shelf.value("a") { 4 } == 3)
    shelf.remove("a")
    #expect(try shelf.value("a") { 5 } == 5)
  }

  @Test func theLastUsedAreKeptWithinTheBound() throws {
    let shelf = Shelf<Int>(bytesMax: 10) { $0 }
    var made: [String] = []
    func use(_ name: String, _ bytes: Int) throws {
      _ = try shelf.value(name) {
        made.append(name)
        return bytes
      }
    }
    for (name, bytes) in [("a", 4), ("b", 6), ("a", 4), ("c", 6)] { try use(name, bytes) }
    #expect(made == ["a", "b", "c"])
    // Of a and b, b was used longer ago.
    try use("a", 4)
    #expect(made == ["a", "b", "c"])
    try use("b", 6)
    #expect(made == ["a", "b", "c", "b"])
    // One that is over the bound by itself is kept until another comes.
    for name in ["huge", "huge", "a", "huge"] { try use(name, name == "a" ? 4 : 11) }
    #expect(made.suffix(3) == ["huge", "a", "huge"])
  }
}
