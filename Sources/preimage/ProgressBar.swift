import Foundation
import Inversion
import Synchronization

/// A line on the terminal that shows how far a solver is; nothing where there is no terminal.
final class ProgressBar: Sendable {
  private let isShown = isatty(STDERR_FILENO) == 1
  private let shownAt = Mutex(0.0)
  private static let width = 30
  /// The eye does not follow more.
  private static let secondsBetween = 0.05

  func show(_ progress: SolveProgress) {
    guard isShown else { return }
    let now = Date().timeIntervalSinceReferenceDate
    let isDue = shownAt.withLock { shownAt in
      guard now - shownAt >= Self.secondsBetween else { return false }
      shownAt = now
      return true
    }
    guard isDue else { return }
    let share = Double(progress.iteration) / Double(max(progress.iterationsMax, 1))
    let filled = Int(share * Double(Self.width))
    let bar =
      String(repeating: "=", count: filled) + String(repeating: " ", count: Self.width - filled)
    write("\r[\(bar)] start \(progress.restartsFinished + 1), loss \(progress.loss)\u{1B}[K")
  }

  func clear() {
    if isShown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }
}
