import Dispatch
import Foundation
import LinearAlgebra
import Synchronization
import Testing

/// Work in pieces, on however many threads.
@Suite(.timeLimit(.minutes(1)))
struct SpareCoresTests {
  private func cores(_ count: Int) -> SpareCores {
    let cores = SpareCores()
    cores.coreCount = count
    return cores
  }

  /// How many threads are within `forEach` at once, when each piece waits for the others to come.
  private func threadCount(_ cores: SpareCores, expected: Int) -> Int {
    let threads = Mutex<Set<UInt>>([])
    let arrived = DispatchSemaphore(value: 0)
    let isOpen = DispatchSemaphore(value: 0)
    let pieces = 8
    DispatchQueue.global().async {
      for _ in 0..<expected { arrived.wait() }
      for _ in 0..<pieces { isOpen.signal() }
    }
    cores.forEach(pieces) { _ in
      _ = threads.withLock { $0.insert(UInt(bitPattern: pthread_self().hashValue)) }
      arrived.signal()
      isOpen.wait()
    }
    return threads.withLock { $0.count }
  }

  @Test(arguments: [1, 2, 5])
  func everyPieceIsDoneOnceAndGivenInOrder(coreCount: Int) {
    let cores = cores(coreCount)
    for count in [0, 1, 2, 7, 1000] {
      let squares = (0..<count).map { $0 * $0 }
      #expect(cores.map(count) { $0 * $0 } == squares)
      #expect(cores.occupy { cores.map(count) { $0 * $0 } } == squares)
    }
  }

  @Test func asManyThreadsWorkAsCoresAreSpare() {
    let cores = cores(3)
    #expect(threadCount(cores, expected: 1) == 1, "to those who compute")
    cores.occupy {
      #expect(threadCount(cores, expected: 3) == 3)
      #expect(threadCount(cores, expected: 3) == 3, "they are lent again")
      cores.occupy {
        #expect(threadCount(cores, expected: 2) == 2)
        cores.occupy { #expect(threadCount(cores, expected: 1) == 1) }
      }
      #expect(threadCount(cores, expected: 3) == 3)
      cores.coreCount = 1
      #expect(threadCount(cores, expected: 1) == 1)
    }
    cores.coreCount = 3
    #expect(threadCount(cores, expected: 1) == 1)
  }

  @Test func piecesMayCutTheirOwnWork() {
    let cores = cores(3)
    let sums = cores.occupy {
      cores.map(6) { outer in
        cores.map(50) { inner in outer * inner }.reduce(0, +)
      }
    }
    #expect(sums == (0..<6).map { $0 * 1225 })
  }

  @Test func manyThreadsAskAtOnce() {
    let cores = cores(4)
    let failures = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 64) { thread in
      let values = cores.occupy { cores.map(17) { thread * 100 + $0 } }
      if values != (0..<17).map({ thread * 100 + $0 }) {
        failures.wrappingAdd(1, ordering: .relaxed)
      }
    }
    #expect(failures.load(ordering: .relaxed) == 0)
  }

  @Test func workIsCutByItsSizeAlone() {
    #expect(SpareCores.ranges(of: 0, multiplicationsEach: 1 << 40).isEmpty)
    #expect(SpareCores.ranges(of: 100, multiplicationsEach: 1000) == [0..<100])
    #expect(SpareCores.ranges(of: 3, multiplicationsEach: .max) == [0..<1, 1..<2, 2..<3])
    for (count, each) in [(100, 10_000_000), (64, 1 << 23), (1000, 1 << 20), (7, 1 << 28)] {
      let ranges = SpareCores.ranges(of: count, multiplicationsEach: each)
      #expect(ranges.flatMap { Array($0) } == Array(0..<count))
      #expect(ranges.count > 1 && ranges.count <= 8)
    }
  }
}
