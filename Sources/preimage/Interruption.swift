import Dispatch
import Glibc

/// SIGINT, SIGTERM and SIGHUP for a command that makes large files: what is half made goes before the
/// command ends by the signal. One that whoever started it has it ignore, as nohup does, stays ignored.
final class Interruption {
  private var sources: [(number: Int32, source: any DispatchSourceSignal)] = []

  /// - Parameter cleanUp: called once, on another thread, beside what the command does.
  init(_ cleanUp: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "preimage.interruption")
    for number in [SIGINT, SIGTERM, SIGHUP] where !Self.isIgnored(number) {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        cleanUp()
        ProcessSignals.end(by: number)
      }
      source.resume()
      sources.append((number, source))
    }
  }

  deinit {
    for (number, source) in sources {
      source.cancel()
      signal(number, SIG_DFL)
    }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    return handler == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
