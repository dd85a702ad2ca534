import Synchronization

/// Who is connected, across all loops, for the two limits on connections.
package final class ConnectionLedger: Sendable {
  private struct State: Sendable {
    var open = 0
    var byHost: [String: Int] = [:]
  }

  private let state = Mutex(State())
  private let connectionsMax: Int
  private let perAddressMax: Int
  private let isExempt: @Sendable (SocketAddress) -> Bool

  /// - Parameter isExempt: whose connections only count towards all; asked at both ends of one.
  package init(
    limits: ServerLimits,
    isExempt: @escaping @Sendable (SocketAddress) -> Bool = { $0.isLoopback }
  ) {
    self.isExempt = isExempt
    connectionsMax = limits.connectionsMax
    perAddressMax = limits.connectionsPerAddressMax
  }

  package var open: Int { state.withLock { $0.open } }

  /// Enters a connection; false when that would break a limit.
  package func admit(_ address: SocketAddress) -> Bool {
    state.withLock { state in
      guard state.open < connectionsMax else { return false }
      if !isExempt(address) {
        let count = state.byHost[address.host, default: 0]
        guard count < perAddressMax else { return false }
        state.byHost[address.host] = count + 1
      }
      state.open += 1
      return true
    }
  }

  package func release(_ address: SocketAddress) {
    state.withLock { state in
      state.open -= 1
      guard !isExempt(address), let count = state.byHost[address.host] else { return }
      state.byHost[address.host] = count > 1 ? count - 1 : nil
    }
  }
}
