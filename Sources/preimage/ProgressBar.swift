import Foundation
import Inversion
import Synchronization

/// A line on the terminal that shows how far some work is; nothing where there is no terminal.
final class ProgressBar: Sendable {
  private let isShown = isatty(STDERR_FILENO) == 1
  private let shownAt = Mutex(0.0)
  private static let width = 30
  /// The eye does not follow more.
  private static let secondsBetween = 0.05

  func show(_ progress: SolveProgress) {
    let share = Double(progress.iteration) / Double(max(progress.iterationsMax, 1))
    show(share, "start \(progress.restartsFinished + 1), loss \(progress.loss)")
  }

  /// - Parameters:
  ///   - share: of the work that is done, 0 to 1.
  ///   - step: what is done now.
  func show(_ share: Double, _ step: String) {
    guard isShown else { return }
    let now = Date().timeIntervalSinceReferenceDate
    let isDue = shownAt.withLock { shownAt in
      guard now - shownAt >= Self.secondsBetween else { return false }
      shownAt = now
      return true
    }
    guard isDue else { return }
    let filled = Int(min(max(share, 0), 1) * Double(Self.width))
    let bar =
      String(repeating: "=", count: filled) + String(repeating: " ", count: Self.width - filled)
    write("\r[\(bar)] \(step)\u{1B}[K")
  }

  func clear() {
    if isShown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
