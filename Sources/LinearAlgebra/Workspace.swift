#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory of batches that nobody holds any more, kept for the next ones of the same size: an
/// iteration that has run before takes none from the system. Each thread has its own, which ends
/// with the thread.
public final class Workspace {
  /// Arrays of exactly `count` numbers each, the one that was given back last at the end.
  private var spares: [(count: Int, values: [Float])] = []
  private var byteCount = 0

  /// What a thread keeps at most. Whatever has not been used for longest goes first.
  package static let bytesMax = 128 << 20
  package static let sparesMax = 64
  /// Smaller arrays the allocator keeps ready itself, and as fast.
  package static let countMin = 256

  /// An array of `count` numbers, whatever they are.
  static func take(_ count: Int) -> [Float] {
    let spare = count < countMin ? nil : current.spare(count)
    return spare ?? [Float](unsafeUninitializedCapacity: count) { $1 = count }
  }

  /// Keeps an array for another to take, when there is room for it.
  static func give(_ values: consuming [Float]) {
    let count = values.count
    guard count >= countMin, bytes(count) <= bytesMax else { return }
    current.keep(values, count)
  }

  private func spare(_ count: Int) -> [Float]? {
    var place = spares.count - 1
    while place >= 0 {
      if spares[place].count == count {
        byteCount -= Self.bytes(count)
        return spares.remove(at: place).values
      }
      place -= 1
    }
    return nil
  }

  private func keep(_ values: consuming [Float], _ count: Int) {
    byteCount += Self.bytes(count)
    spares.append((count, values))
    while spares.count > Self.sparesMax || byteCount > Self.bytesMax {
      byteCount -= Self.bytes(spares.removeFirst().count)
    }
  }

  private static func bytes(_ count: Int) -> Int { count * MemoryLayout<Float>.stride }

  /// What the calling thread keeps at the moment.
  package static var kept: (arrays: Int, bytes: Int) {
    (current.spares.count, current.byteCount)
  }

  /// Calls `body` with room for `count` numbers, whatever they are, for as long as it runs.
  public static func withRoom<Result>(
    for count: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    var values = take(count)
    defer { give(values) }
    return try values.withUnsafeMutableBufferPointer { try body($0) }
  }

  /// The calling thread's.
  private static var current: Workspace {
    if let own = pthread_getspecific(key) {
      return Unmanaged<Workspace>.fromOpaque(own).takeUnretainedValue()
    }
    let own = Workspace()
    pthread_setspecific(key, Unmanaged.passRetained(own).toOpaque())
    return own
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    // Without one, the memory of threads that end would be lost.
    let status = pthread_key_create(&key) { own in
      #if canImport(Glibc)
        guard let own else { return }
      #endif
      Unmanaged<Workspace>.fromOpaque(own).release()
    }
    precondition(status == 0, "a process has too many thread-specific keys: \(status)")
    return key
  }()
}
