import Dispatch
import Foundation
import Synchronization

/// Cores that nobody computes on, lent to work that comes in pieces.
///
/// Inversions are the unit of parallelism: each has one thread, and one that is alone would leave the
/// other cores idle. So those who compute are counted (``occupy(_:)``), and large batches and Jacobians
/// are cut into pieces that as many threads take up as there are cores left. How work is cut depends
/// on the work alone: it comes to the same bits whoever else computes, and on however many cores.
public final class SpareCores: Sendable {
  /// The machine's.
  public static let shared = SpareCores()

  private struct State {
    var coreCount = 1
    /// Threads that compute of their own.
    var occupiedCount = 0
    var lentCount = 0
    var idle: [Helper] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// Cores that computing may use, 1 or more. Until this is said it is one, and none is ever lent.
  public var coreCount: Int {
    get { state.withLock { $0.coreCount } }
    set { state.withLock { $0.coreCount = max(newValue, 1) } }
  }

  /// Counts the calling thread as one that computes, while `body` runs. Only such threads are lent cores:
  /// others, which answer requests, have another priority and are not alone.
  public func occupy<Result>(_ body: () throws -> Result) rethrows -> Result {
    let isNested = ComputingThread.isCurrent
    ComputingThread.isCurrent = true
    state.withLock { $0.occupiedCount += 1 }
    defer {
      state.withLock { $0.occupiedCount -= 1 }
      ComputingThread.isCurrent = isNested
    }
    return try body()
  }

  /// Calls `body` with each of `0..<count` once, in any order, on the calling thread and, within
  /// ``occupy(_:)``, on those that are spare. Pieces may cut their own work in turn.
  public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    let helpers = count > 1 && ComputingThread.isCurrent ? borrow(count - 1) : []
    guard !helpers.isEmpty else {
      for piece in 0..<count { body(piece) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let pieces = Pieces(count: count, body: body)
      for helper in helpers { helper.begin(pieces) }
      pieces.work()
      for helper in helpers { helper.wait() }
    }
    giveBack(helpers)
  }

  /// What `body` makes of each of `0..<count`, in order.
  public func map<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
    guard count > 1 else { return (0..<count).map(body) }
    return [Value](unsafeUninitializedCapacity: count) { values, initializedCount in
      let slots = Slots(values)
      forEach(count) { slots.fill($0, with: body($0)) }
      initializedCount = count
    }
  }

  private func borrow(_ most: Int) -> [Helper] {
    state.withLock { state in
      let spare = state.coreCount - state.occupiedCount - state.lentCount
      let count = min(most, spare)
      guard count > 0 else { return [] }
      state.lentCount += count
      while state.idle.count < count { state.idle.append(Helper()) }
      let helpers = Array(state.idle.suffix(count))
      state.idle.removeLast(count)
      return helpers
    }
  }

  private func giveBack(_ helpers: [Helper]) {
    state.withLock { state in
      state.lentCount -= helpers.count
      state.idle += helpers
    }
  }
}

/// Pieces of one work, which threads take one after the other.
private final class Pieces: Sendable {
  private let count: Int
  private let next = Atomic(0)
  private let body: @Sendable (Int) -> Void

  init(count: Int, body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  func work() {
    while true {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard piece < count else { return }
      body(piece)
    }
  }
}

/// Where the pieces of a work put what they come to: each its own place, once.
private struct Slots<Value>: @unchecked Sendable {
  private let base: UnsafeMutablePointer<Value>?

  init(_ values: UnsafeMutableBufferPointer<Value>) { base = values.baseAddress }

  func fill(_ place: Int, with value: Value) { base?.advanced(by: place).initialize(to: value) }
}

/// Whether the calling thread is counted as one that computes.
private enum ComputingThread {
  static var isCurrent: Bool {
    get { pthread_getspecific(key) != nil }
    set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue ? 1 : 0)) }
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    let status = pthread_key_create(&key, nil)
    precondition(status == 0, "a process has too many thread-specific keys: \(status)")
    return key
  }()
}

/// A thread that waits for pieces to work on. It has the priority of the thread that first asked for
/// it, and is never ended.
private final class Helper: Sendable {
  private let pieces = Mutex<Pieces?>(nil)
  private let hasBegun = DispatchSemaphore(value: 0)
  private let isDone = DispatchSemaphore(value: 0)

  init() {
    let thread = Thread { [self] in
      ComputingThread.isCurrent = true
      while true {
        hasBegun.wait()
        // Nobody may hold on to what the pieces refer to once they are done.
        pieces.withLock { $0.take() }?.work()
        isDone.signal()
      }
    }
    thread.name = "spare-core"
    thread.stackSize = 8 << 20
    thread.start()
  }

  func begin(_ work: Pieces) {
    pieces.withLock { $0 = work }
    hasBegun.signal()
  }

  func wait() { isDone.wait() }
}

extension SpareCores {
  /// Multiplications of a piece: many times what it costs to wake a thread for it.
  private static let pieceMultiplications = 1 << 27
  private static let piecesMax = 8

  /// How rows that take so many multiplications each are cut: by this alone.
  ///
  /// - Returns: one range where there is too little to cut; none of no rows.
  public static func ranges(of rowCount: Int, multiplicationsEach: Int) -> [Range<Int>] {
    let (all, overflows) = rowCount.multipliedReportingOverflow(by: multiplicationsEach)
    let count = overflows ? piecesMax : min(all / pieceMultiplications, piecesMax)
    guard rowCount > 0 else { return [] }
    let size = (rowCount - 1) / max(1, min(count, rowCount)) + 1
    return stride(from: 0, to: rowCount, by: size).map { $0..<min($0 + size, rowCount) }
  }
}

extension Batch {
  /// A batch whose rows `body` computes range by range, as the calling thread and spare cores come to
  /// them. Each range's rows are freed by the thread that made them.
  ///
  /// - Parameters:
  ///   - ranges: from 0 on, each where the one before it ends.
  ///   - body: gives the rows of a range, in order.
  public static func inRanges(
    _ ranges: [Range<Int>], width: Int, _ body: @Sendable (Range<Int>) -> Batch
  ) -> Batch {
    if ranges.count == 1 { return body(ranges[0]) }
    return Batch(count: ranges.last?.upperBound ?? 0, width: width) { rows in
      let target = RowsInPieces(rows)
      SpareCores.shared.forEach(ranges.count) { place in
        let made = body(ranges[place])
        precondition(made.count == ranges[place].count && made.width == width, "a range's rows")
        made.values.withUnsafeBufferPointer {
          target.write($0, at: ranges[place].lowerBound * width)
        }
      }
    }
  }
}

/// Memory that several threads write, each its own part.
private struct RowsInPieces: @unchecked Sendable {
  private let values: UnsafeMutableBufferPointer<Float>

  init(_ values: UnsafeMutableBufferPointer<Float>) { self.values = values }

  func write(_ part: UnsafeBufferPointer<Float>, at place: Int) {
    _ = values[place..<place + part.count].update(fromContentsOf: part)
  }
}
