import Foundation
import Synchronization

/// Values that are dear to make, by name: the most recently used ones, within a bound of memory.
package final class Shelf<Value: Sendable>: Sendable {
  private struct Entry {
    var name: String
    var value: Value
  }

  /// Threads that make a value, or wait for the one that does.
  private final class Making: @unchecked Sendable {
    let lock = NSLock()
    /// Touched under the lock of all.
    var threadCount = 0
  }

  /// The one used last first.
  private let entries = Mutex<[Entry]>([])
  private let makings = Mutex<[String: Making]>([:])
  private let bytesMax: Int
  private let bytes: @Sendable (Value) -> Int

  /// - Parameters:
  ///   - bytesMax: of all that are kept; the last one used is kept whatever its size.
  ///   - bytes: that a value takes.
  package init(bytesMax: Int, bytes: @escaping @Sendable (Value) -> Int) {
    self.bytesMax = bytesMax
    self.bytes = bytes
  }

  /// The value that is kept, or a new one. Of several threads that ask for one that is not, one makes
  /// it and the others wait; where that fails, the next one tries.
  package func value(_ name: String, make: () throws -> Value) throws -> Value {
    if let kept = kept(name) { return kept }
    let making = makings.withLock { makings in
      let making = makings[name] ?? Making()
      makings[name] = making
      making.threadCount += 1
      return making
    }
    defer {
      makings.withLock { makings in
        making.threadCount -= 1
        if making.threadCount == 0 { makings[name] = nil }
      }
    }
    return try making.lock.withLock {
      if let kept = kept(name) { return kept }
      let value = try make()
      keep(value, as: name)
      return value
    }
  }

  package func remove(_ name: String) {
    entries.withLock { $0.removeAll { $0.name == name } }
  }

  private func kept(_ name: String) -> Value? {
    entries.withLock { entries in
      guard let place = entries.firstIndex(where: { $0.name == name }) else { return nil }
      let entry = entries.remove(at: place)
      entries.insert(entry, at: 0)
      return entry.value
    }
  }

  private func keep(_ value: Value, as name: String) {
    entries.withLock { entries in
      entries.insert(Entry(name: name, value: value), at: 0)
      var total = 0
      for (place, entry) in entries.enumerated() {
        total += bytes(entry.value)
        if place > 0, total > bytesMax {
          entries.removeSubrange(place...)
          break
        }
      }
    }
  }
}
