import Dispatch
import Glibc
import Synchronization

/// What signals from outside mean to the server: SIGTERM and SIGINT stop it, a second one of either
/// ends it at once, SIGHUP makes it read its configuration again.
final class ProcessSignals {
  private let stop: DispatchSemaphore
  private let sources: [any DispatchSourceSignal]
  private var reloads: (any DispatchSourceSignal)?

  /// From now on none of them ends the process as it would by default.
  init() {
    let stop = DispatchSemaphore(value: 0)
    let queue = DispatchQueue(label: "preimage.signals")
    let order = StopOrder()
    // Until somebody listens: what is read at the start is news enough.
    signal(SIGHUP, SIG_IGN)
    sources = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if order.isRepeated() { Self.end(by: number) }
        stop.signal()
      }
      source.resume()
      return source
    }
    self.stop = stop
  }

  /// Calls `body` at each SIGHUP, one call at a time; signals that come meanwhile are one.
  func onReload(_ body: @escaping @Sendable () -> Void) {
    let source = DispatchSource.makeSignalSource(
      signal: SIGHUP, queue: DispatchQueue(label: "preimage.reloads"))
    source.setEventHandler(handler: body)
    source.resume()
    reloads = source
  }

  /// Returns at the first SIGTERM or SIGINT since the beginning.
  func waitForStop() {
    stop.wait()
  }

  /// As if the signal had never been caught: a shell then sees 128 and its number, and a service
  /// manager a process that was ended, not one that failed.
  static func end(by number: Int32) -> Never {
    signal(number, SIG_DFL)
    var only = sigset_t()
    sigemptyset(&only)
    sigaddset(&only, number)
    pthread_sigmask(SIG_UNBLOCK, &only, nil)
    raise(number)
    // The first process of a container is not ended by a signal of its own.
    _exit(128 + number)
  }
}

/// Whether a stop was asked for before.
private final class StopOrder: Sendable {
  private let isGiven = Atomic(false)

  func isRepeated() -> Bool { isGiven.exchange(true, ordering: .relaxed) }
}
