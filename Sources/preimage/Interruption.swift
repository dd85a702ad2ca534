import Dispatch
import Glibc

/// SIGINT, SIGTERM and SIGHUP for a command that makes large files: what is half made goes before the
/// command ends by the signal.
final class Interruption {
  private let sources: [any DispatchSourceSignal]

  /// - Parameter cleanUp: called once, on another thread, beside what the command does.
  init(_ cleanUp: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "preimage.interruption")
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        cleanUp()
        ProcessSignals.end(by: number)
      }
      source.resume()
      return source
    }
  }
}
