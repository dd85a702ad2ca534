/// Who may use the service, and how much of it.
public struct AccessConfiguration: Sendable {
  /// When tokens are required.
  public enum Requirement: String, Sendable, CaseIterable {
    /// Everywhere but on loopback without proxies.
    case automatic = "auto"
    case always = "on"
    /// Nowhere, whoever can reach the address.
    case never = "off"
  }

  public var requirement = Requirement.automatic
  /// How long what was read of a token may be used, in seconds: until then a revoked one works.
  public var tokenMemorySeconds = 1.0
  /// Tokens that one address may try in vain in a minute; 0 for no limit.
  public var failuresPerMinute = 60
  public var quotas = ClientQuotas()
  public var proxies = TrustedProxies()

  public init() {}
}

/// What one client may take; 0 stands for no limit.
public struct ClientQuotas: Sendable, Equatable {
  /// Requests a second, in the long run.
  public var requestsPerSecond = 0.0
  /// Requests at once.
  public var requestsBurst = 100
  /// Inversions that are queued or running.
  public var unfinishedInversionsMax = 0
  /// Inversions that run at once.
  public var runningInversionsMax = 0
  /// Bytes of generators and inversions that are stored.
  public var storageBytesMax = 0

  public init() {}

  /// A quota as a limit: none where it is 0.
  func limit(_ quota: Int) -> Int? { quota > 0 ? quota : nil }
}

extension AccessConfiguration {
  /// Whether tokens are required of a server that listens at `host`.
  func requiresTokens(at host: String) -> Bool {
    switch requirement {
    case .always: true
    case .never: false
    // Whoever is behind a proxy reaches a server on loopback.
    case .automatic: !Self.isLoopback(host) || !proxies.isEmpty
    }
  }

  /// Whether only this machine reaches what listens at `host`.
  static func isLoopback(_ host: String) -> Bool {
    let name = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" }) : host
    return name == "localhost" || name == "::1" || name == "::ffff:127.0.0.1"
      || name.hasPrefix("127.") && name.utf8.allSatisfy { $0 == 0x2E || $0 &- 0x30 < 10 }
  }
}

/// Why a service does not start.
public struct AccessRefusal: Error, Sendable, CustomStringConvertible {
  /// The address that others can reach.
  public var host: String

  public var description: String {
    "the server would listen at \(host), where others can reach it, and there is no access token: "
      + "make one with 'preimage token create', or listen at 127.0.0.1, or set auth.mode to off if "
      + "everybody who reaches it may use it"
  }
}
