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

  package struct Histogram: Sendable {
    var buckets = [Int](repeating: 0, count: ServiceMetrics.bounds.count)
    var count = 0
    var sum = 0.0

    package init() {}

    package mutating func record(_ seconds: Double) {
      if let place = ServiceMetrics.bounds.firstIndex(where: { seconds <= $0 }) {
        buckets[place] += 1
      }
      count += 1
      sum += seconds
    }
  }

  struct RequestKind: Hashable, Sendable {
    var method: String
    /// A pattern, never a path: ids are not labels.
    var route: String
    var status: Int
  }

  struct Counts: Sendable {
    var requests: [RequestKind: Int] = [:]
    var requestSeconds: [String: Histogram] = [:]
    var settled: [JobState: Int] = [:]
    var jobSeconds = Histogram()
    var storeFailures = 0
  }

  private let counts = Mutex(Counts())

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

  func record(_ event: PoolEvent) {
    switch event {
    case .settled(jobID: _, let state, let seconds):
      counts.withLock { counts in
        counts.settled[state, default: 0] += 1
        counts.jobSeconds.record(seconds)
      }
    case .storeFailed: counts.withLock { $0.storeFailures += 1 }
    case .expired(let ids):
      counts.withLock { $0.settled[.expired, default: 0] += ids.count }
    case .started, .released, .leaseLost, .unresponsive, .recovered: break
    }
  }
}
