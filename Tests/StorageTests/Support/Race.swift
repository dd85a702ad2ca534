// Runs the same work on several threads that start at the same moment.

import Dispatch
import Foundation
import Synchronization

/// What each thread returned, in no order.
func race<Value: Sendable>(
  threads: Int, _ body: @escaping @Sendable (_ thread: Int) -> Value
) -> [Value] {
  let gate = DispatchSemaphore(value: 0)
  let finished = DispatchGroup()
  let box = Box<Value>()
  for index in 0..<threads {
    finished.enter()
    let thread = Thread {
      gate.wait()
      let value = body(index)
      box.add(value)
      finished.leave()
    }
    thread.start()
  }
  for _ in 0..<threads { gate.signal() }
  finished.wait()
  return box.all
}

private final class Box<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  func add(_ value: Value) { values.withLock { $0.append(value) } }
  var all: [Value] { values.withLock { $0 } }
}

/// SplitMix64: a seed gives the same numbers everywhere.
struct SeededRandomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
