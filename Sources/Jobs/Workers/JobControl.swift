// The line between a running job and the pool: stop signals down, progress up.

import Synchronization

/// Why a running job should stop.
public enum StopSignal: UInt8, Sendable, CaseIterable {
  /// Somebody asked: report `canceled`.
  case canceled = 1
  /// Its deadline passed: report `expired`, or `succeeded` with what there is.
  case deadlinePassed = 2
  /// The pool is draining: report `interrupted`; the job will be run again.
  case interrupted = 4
  /// The job is no longer this worker's: whatever is reported will not be stored.
  case leaseLost = 8
}

/// What a runner looks at while it works. Safe from any thread.
public final class JobControl: Sendable {
  /// Longer progress is dropped: no store takes it.
  public static let progressBytesMax = 64 << 10

  private let signals = Atomic<UInt8>(0)
  private let progressWanted = Atomic<Bool>(true)
  private let progress = Mutex<[UInt8]?>(nil)
  private let newestCheckpoint = Mutex<[UInt8]?>(nil)
  /// Held while a checkpoint is on its way to the store, so that an older one never comes last.
  package let checkpointTurn = Mutex(())

  public init() {}

  /// Whether there is any reason to stop: one relaxed load, cheap enough for every iteration.
  public var shouldStop: Bool { signals.load(ordering: .relaxed) != 0 }

  public var isCanceled: Bool { isRaised(.canceled) }
  public var isDeadlinePassed: Bool { isRaised(.deadlinePassed) }
  public var isInterrupted: Bool { isRaised(.interrupted) }
  public var isLeaseLost: Bool { isRaised(.leaseLost) }

  public func isRaised(_ signal: StopSignal) -> Bool {
    signals.load(ordering: .relaxed) & signal.rawValue != 0
  }

  /// Raises a signal; it stays raised.
  public func raise(_ signal: StopSignal) {
    signals.bitwiseOr(signal.rawValue, ordering: .relaxed)
  }

  /// Says how far the work is: small opaque JSON, at most 64 KiB.
  ///
  /// The pool stores it a few times a second. In between the argument is not even evaluated, so this
  /// may be called in every iteration.
  public func report(progress bytes: @autoclosure () -> [UInt8]) {
    guard progressWanted.load(ordering: .relaxed) else { return }
    progressWanted.store(false, ordering: .relaxed)
    let encoded = bytes()
    guard encoded.count <= Self.progressBytesMax else { return }
    progress.withLock { $0 = encoded }
  }

  /// Says from where the work can be gone on with: opaque bytes, given to the next attempt should
  /// this one be lost or interrupted. The pool stores the newest a few times a second.
  public func report(checkpoint bytes: [UInt8]) {
    newestCheckpoint.withLock { $0 = bytes }
  }

  /// The newest checkpoint that was reported since the last call.
  package func takeCheckpoint() -> [UInt8]? {
    newestCheckpoint.withLock { held in
      defer { held = nil }
      return held
    }
  }

  /// The progress reported since the last call, and asks for more.
  package func takeProgress() -> [UInt8]? {
    let taken = progress.withLock { held in
      defer { held = nil }
      return held
    }
    progressWanted.store(true, ordering: .relaxed)
    return taken
  }
}
