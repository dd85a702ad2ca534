import HTTP
import Storage
import Synchronization

/// What is known of a request beside its bytes; shared by its handler and its log line.
final class RequestContext: Sendable {
  let access: Access
  /// The client's address, behind the proxies that are trusted.
  let address: String
  let trace: TraceContext?
  /// What the request brought, until it is verified.
  let token: AccessToken?
  private let state: Mutex<(principal: Principal?, rate: RateQuota.Standing?)>

  init(
    access: Access, address: String, trace: TraceContext?, token: AccessToken?,
    principal: Principal?
  ) {
    self.access = access
    self.address = address
    self.trace = trace
    self.token = token
    state = Mutex((principal, nil))
  }

  /// `nil` until the token is verified, and for what is open to all.
  var principal: Principal? {
    get { state.withLock { $0.principal } }
    set { state.withLock { $0.principal = newValue } }
  }

  /// How the client stands with its rate, once it was counted.
  var rate: RateQuota.Standing? {
    get { state.withLock { $0.rate } }
    set { state.withLock { $0.rate = newValue } }
  }
}

extension Request {
  var serviceContext: RequestContext? { context as? RequestContext }

  /// Whose objects the request is about; the unnamed client where tokens are not required.
  var client: String { serviceContext?.principal?.client ?? Principal.anybody.client }

  /// Whether it may do what is for those who run the service.
  var isAdministrator: Bool { (serviceContext?.principal ?? .anybody).may(.admin) }
}
