import Synchronization

/// Counts of what a server has done, for metrics.
public struct ServerStatistics: Sendable, Equatable {
  public var connectionsOpen = 0
  public var connectionsAccepted = 0
  /// Over a connection limit.
  public var connectionsRejected = 0
  /// Responses by the first digit of their status; index 0 counts clients that left before theirs.
  public var responsesByClass = [0, 0, 0, 0, 0, 0]
  public var bytesReceived = 0
  public var bytesSent = 0
  public var handlersRunning = 0
  public var handlersWaiting = 0
  public var streamingHandlersRunning = 0

  public init(
    connectionsOpen: Int = 0, connectionsAccepted: Int = 0, connectionsRejected: Int = 0,
    responsesByClass: [Int] = [0, 0, 0, 0, 0, 0], bytesReceived: Int = 0, bytesSent: Int = 0,
    handlersRunning: Int = 0, handlersWaiting: Int = 0, streamingHandlersRunning: Int = 0
  ) {
    self.connectionsOpen = connectionsOpen
    self.connectionsAccepted = connectionsAccepted
    self.connectionsRejected = connectionsRejected
    self.responsesByClass = responsesByClass
    self.bytesReceived = bytesReceived
    self.bytesSent = bytesSent
    self.handlersRunning = handlersRunning
    self.handlersWaiting = handlersWaiting
    self.streamingHandlersRunning = streamingHandlersRunning
  }
}

/// The counters behind `ServerStatistics`.
final class ServerCounters: Sendable {
  let connectionsAccepted = Atomic(0)
  let connectionsRejected = Atomic(0)
  let bytesReceived = Atomic(0)
  let bytesSent = Atomic(0)
  private let gone = Atomic(0)
  private let informational = Atomic(0)
  private let successful = Atomic(0)
  private let redirecting = Atomic(0)
  private let refused = Atomic(0)
  private let failed = Atomic(0)

  func count(status: Int) {
    switch status / 100 {
    case 1: informational.add(1)
    case 2: successful.add(1)
    case 3: redirecting.add(1)
    case 4 where status == AccessRecord.clientGoneStatus: gone.add(1)
    case 4: refused.add(1)
    default: failed.add(1)
    }
  }

  var responsesByClass: [Int] {
    [
      gone.now, informational.now, successful.now, redirecting.now, refused.now, failed.now,
    ]
  }
}

extension Atomic<Int> {
  func add(_ count: Int) { wrappingAdd(count, ordering: .relaxed) }
  var now: Int { load(ordering: .relaxed) }
}
