import Dispatch

/// Tells the service manager that the process is alive, for as long as it is.
///
/// A process that hangs says nothing, and is started anew by the manager: so what is asked must be
/// what hangs when the process does, and nothing that a restart would not mend.
final class Watchdog {
  private let timer: any DispatchSourceTimer

  /// - Parameter isAlive: asked twice in the time that the manager waits, on a queue of its own;
  ///   may block.
  /// - Returns: `nil` when no manager waits.
  init?(_ manager: ServiceManager, isAlive: @escaping @Sendable () -> Bool) {
    guard let seconds = manager.watchdogSeconds else { return nil }
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "preimage.watchdog"))
    timer.schedule(deadline: .now(), repeating: seconds / 2)
    timer.setEventHandler {
      if isAlive() { manager.tell(.alive) }
    }
    timer.resume()
  }
}
