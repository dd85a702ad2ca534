import Dispatch

/// A counting semaphore with a bounded wait.
final class Semaphore: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func post() { semaphore.signal() }

  func wait(seconds: Double) -> Bool {
    semaphore.wait(timeout: .now() + seconds) == .success
  }
}
