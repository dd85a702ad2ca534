import Dispatch
import Synchronization

/// A fixed number of Dispatch queues that run handlers, with one bounded line in front of them.
///
/// Serial queues of one's own get a thread each whatever the machine is busy with; the line is kept
/// here because Dispatch has no bound to offer.
package final class HandlerPool: Sendable {
  package typealias Job = @Sendable () -> Void

  private struct State {
    var line: [Job] = []
    var first = 0
    var idle: [Int]
    var running = 0
    /// Moving mean of how long a job takes, for `Retry-After`.
    var meanSeconds = 0.05

    var waiting: Int { line.count - first }

    mutating func pop() -> Job? {
      guard first < line.count else { return nil }
      let job = line[first]
      line[first] = {}
      first += 1
      if first == line.count {
        line.removeAll(keepingCapacity: true)
        first = 0
      } else if first > 64, first * 2 > line.count {
        line.removeFirst(first)
        first = 0
      }
      return job
    }
  }

  private let queues: [DispatchQueue]
  private let lineMax: Int
  private let state: Mutex<State>
  private let clock: ServerClock

  /// At most `threads` jobs run and `lineMax` wait.
  package init(label: String, threads: Int, lineMax: Int, clock: ServerClock = .system) {
    precondition(threads > 0 && lineMax >= 0, "a pool needs a thread")
    queues = (0..<threads).map { DispatchQueue(label: "\(label).\($0)") }
    self.lineMax = lineMax
    self.clock = clock
    state = Mutex(State(idle: Array(0..<threads)))
  }

  /// Jobs running and waiting now.
  package var load: (running: Int, waiting: Int) {
    state.withLock { ($0.running, $0.waiting) }
  }

  /// Takes a job; false when the line is full.
  package func submit(_ job: @escaping Job) -> Bool {
    add(job, bounded: true)
  }

  /// Takes a job that belongs to work already admitted.
  package func submitContinuation(_ job: @escaping Job) {
    _ = add(job, bounded: false)
  }

  /// When the line should have moved on, in whole seconds from 1 to 60.
  package var retryAfterSeconds: Int {
    state.withLock { state in
      let seconds = Double(state.waiting + 1) * state.meanSeconds / Double(queues.count)
      return Int(min(max(seconds.rounded(.up), 1), 60))
    }
  }

  private func add(_ job: @escaping Job, bounded: Bool) -> Bool {
    let (accepted, queue) = state.withLock { state -> (Bool, Int?) in
      if let queue = state.idle.popLast() {
        state.line.append(job)
        state.running += 1
        return (true, queue)
      }
      if bounded, state.waiting >= lineMax { return (false, nil) }
      state.line.append(job)
      return (true, nil)
    }
    if let queue { queues[queue].async { self.work(queue) } }
    return accepted
  }

  private func work(_ queue: Int) {
    while true {
      let job = state.withLock { state -> Job? in
        if let job = state.pop() { return job }
        state.idle.append(queue)
        state.running -= 1
        return nil
      }
      guard let job else { return }
      let start = clock.monotonicNanoseconds()
      job()
      let seconds = Double(clock.monotonicNanoseconds() &- start) * 1e-9
      state.withLock { $0.meanSeconds += (seconds - $0.meanSeconds) / 16 }
    }
  }
}
