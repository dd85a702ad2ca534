import Synchronization

/// Who is connected, across all loops, for the limits on connections.
package final class ConnectionLedger: Sendable {
  /// What becomes of a new connection.
  package enum Admission: Sendable {
    case admitted
    /// Over a limit: it is told so, and listened to until it has heard it.
    case turnedAway
    /// Too many are being told already: it is closed at once.
    case refused
  }

  private struct State: Sendable {
    var open = 0
    var turnedAway = 0
    var byHost: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let connectionsMax: Int
  private let perAddressMax: Int
  private let turnedAwayMax: Int
  private let isExempt: @Sendable (SocketAddress) -> Bool

  /// - Parameter isExempt: whose connections only count towards all; asked at both ends of one.
  package init(
    limits: ServerLimits,
    isExempt: @escaping @Sendable (SocketAddress) -> Bool = { $0.isLoopback }
  ) {
    self.isExempt = isExempt
    connectionsMax = limits.connectionsMax
    perAddressMax = limits.connectionsPerAddressMax
    turnedAwayMax = limits.connectionsTurnedAwayMax
  }

  /// How many are admitted and not yet released.
  package var open: Int { state.withLock { $0.open } }

  /// Enters a connection, which must be released as what it was admitted.
  package func admit(_ address: SocketAddress) -> Admission {
    state.withLock { state in
      let count = isExempt(address) ? 0 : state.byHost[address.host, default: 0]
      if state.open < connectionsMax, count < perAddressMax {
        if !isExempt(address) { state.byHost[address.host] = count + 1 }
        state.open += 1
        return .admitted
      }
      guard state.turnedAway < turnedAwayMax else { return .refused }
      state.turnedAway += 1
      return .turnedAway
    }
  }

  package func release(_ address: SocketAddress, _ admission: Admission) {
    state.withLock { state in
      switch admission {
      case .admitted:
        state.open -= 1
        guard !isExempt(address), let count = state.byHost[address.host] else { return }
        state.byHost[address.host] = count > 1 ? count - 1 : nil
      case .turnedAway:
        state.turnedAway -= 1
      case .refused:
        break
      }
    }
  }
}
