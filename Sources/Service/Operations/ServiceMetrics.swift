import Foundation
import HTTP
import HTTPTypes
import Jobs
import Synchronization

/// Counts what happened since the start, in the terms of Prometheus.
package final class ServiceMetrics: Sendable {
  /// Upper bounds of the latency buckets in seconds.
  package static let bounds = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  /// Upper bounds of the buckets for the sizes of batches.
  package static let batchBounds: [Double] = [1, 4, 16, 64, 256, 1024, 4096]

  package struct Histogram: Sendable {
    let bounds: [Double]
    var buckets: [Int]
    var count = 0
    var sum = 0.0

    package init(bounds: [Double] = ServiceMetrics.bounds) {
      self.bounds = bounds
      buckets = [Int](repeating: 0, count: bounds.count)
    }

    package mutating func record(_ value: Double) {
      if let place = bounds.firstIndex(where: { value <= $0 }) { buckets[place] += 1 }
      count += 1
      sum += value
    }
  }

  struct RequestKind: Hashable, Sendable {
    var method: String
    /// A pattern, never a path: ids are not labels.
    var route: String
    var status: Int
  }

  /// How inversions end, in words of which there is a known number.
  struct EndingKind: Hashable, Sendable {
    var status: JobState
    var verdict: String
    var reason: String
  }

  struct Counts: Sendable {
    var requests: [RequestKind: Int] = [:]
    var requestSeconds: [String: Histogram] = [:]
    var endings: [EndingKind: Int] = [:]
    /// By what ran.
    var iterations: [String: Int] = [:]
    var batchSizes = Histogram(bounds: ServiceMetrics.batchBounds)
    /// Of inversions that one worker advanced together.
    var companionCounts = Histogram(bounds: ServiceMetrics.batchBounds)
    var jobSeconds = Histogram()
    var storeFailures = 0
    /// Ended after they had gone on from a checkpoint.
    var resumed = 0
    /// By the problem's code, of which there is a known number.
    var rejections: [String: Int] = [:]
  }

  private let counts = Mutex(Counts())
  private let finishes = FinishRate()

  var now: Counts { counts.withLock { $0 } }

  func record(_ access: AccessRecord) {
    let route = access.routePattern ?? "none"
    let kind = RequestKind(
      method: access.method.map(\.rawValue) ?? "none", route: route, status: access.status)
    counts.withLock { counts in
      counts.requests[kind, default: 0] += 1
      counts.requestSeconds[route, default: Histogram()].record(access.durationSeconds)
    }
  }

  /// Inversions that ended without a report.
  private func end(_ count: Int, _ status: JobState, _ reason: String) {
    guard count > 0 else { return }
    let kind = EndingKind(status: status, verdict: "none", reason: reason)
    counts.withLock { $0.endings[kind, default: 0] += count }
  }

  /// An inversion that was canceled before any worker took it.
  func recordCanceledInQueue() { end(1, .canceled, "in_queue") }

  /// A batch of this many inversions was accepted.
  func record(batchOf count: Int) {
    counts.withLock { $0.batchSizes.record(Double(count)) }
  }

  /// What those who are turned away are told. Until enough inversions have finished, their number a
  /// second is guessed from how long they take.
  func retryAdvice(at now: Date, _ pool: WorkerPoolStatus) -> RetryAdvice {
    let meanSeconds = counts.withLock {
      $0.jobSeconds.count > 0 ? $0.jobSeconds.sum / Double($0.jobSeconds.count) : 1
    }
    return RetryAdvice(
      secondsPerFinish: finishes.secondsPerFinish(at: now)
        ?? meanSeconds / Double(max(pool.workerCount, 1)))
  }

  /// Statuses that turn a client away for its right, its quota, or want of room.
  private static let rejecting: Set = [401, 403, 408, 413, 429, 431, 503, 507]

  func record(_ problem: Problem) {
    guard Self.rejecting.contains(problem.status.code) else { return }
    counts.withLock { $0.rejections[problem.code, default: 0] += 1 }
  }

  func record(_ event: PoolEvent, at now: Date) {
    switch event {
    case .settled(let job, let report, let seconds):
      let kind = EndingKind(
        status: report.outcome.state, verdict: report.facets?.verdict ?? "none",
        reason: report.reason ?? "none")
      counts.withLock { counts in
        counts.endings[kind, default: 0] += 1
        counts.iterations[job.facets.method, default: 0] += report.stepCount ?? 0
        counts.jobSeconds.record(seconds)
        if report.resumedFromStep != nil { counts.resumed += 1 }
      }
      finishes.record(at: now)
    case .storeFailed: counts.withLock { $0.storeFailures += 1 }
    case .expired(let ids):
      end(ids.count, .expired, "deadline")
    case .recovered(let recovery):
      end(recovery.failed.count, .failed, "attempts_exhausted")
      end(recovery.canceled.count, .canceled, "worker_lost")
    case .grouped(let jobCount):
      counts.withLock { $0.companionCounts.record(Double(jobCount)) }
    case .started: finishes.begin(at: now)
    case .released, .leaseLost, .unresponsive: break
    }
  }
}
