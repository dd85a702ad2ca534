import HTTPTypes
import Logging

/// Where a server listens, its limits, and what it needs from outside.
public struct ServerConfiguration: Sendable {
  /// A numeric address or a name that resolves to one; brackets around IPv6 are optional.
  public var host = "127.0.0.1"
  /// 0 takes a free port.
  public var port = 0
  /// Event loops, each on a thread of its own: 1 is right up to some 100 000 requests a second.
  public var eventLoops = 1
  public var limits = ServerLimits()
  /// Renders every refusal; the second argument is the request id. Runs on the event loop too: it
  /// must be quick, and its body must be bytes or none.
  public var errorResponse: @Sendable (HTTPFailure, String) -> Response = {
    HTTPFailure.plainText($0, requestID: $1)
  }
  /// Decides about requests before their handlers do; nil admits all.
  public var gate: RequestGate?
  /// Carried by every response that does not set them itself.
  public var standingFields: HTTPFields = [:]
  /// Whose connections do not count towards the limit for one address.
  public var isAddressExempt: @Sendable (SocketAddress) -> Bool = { $0.isLoopback }
  /// Makes ids for requests that bring none.
  public var makeRequestID: @Sendable () -> String = RequestID.generator()
  /// Called on the event loop after each response: hand over, do not write. nil costs nothing.
  public var accessLog: (@Sendable (AccessRecord) -> Void)?
  public var clock = ServerClock.system
  public var logger = Logger(label: "preimage.http")

  public init() {}
}

/// What all loops and connections of a server share.
final class ServerContext: Sendable {
  let configuration: ServerConfiguration
  let limits: ServerLimits
  let router: Router
  let handlers: HandlerPool
  let streamingHandlers: HandlerPool
  let ledger: ConnectionLedger
  let counters = ServerCounters()
  let standingFields: StandingFields

  init(configuration: ServerConfiguration, router: Router) {
    self.configuration = configuration
    self.router = router
    limits = configuration.limits
    standingFields = StandingFields(configuration.standingFields)
    // Limits that make no sense are refused when the server starts.
    handlers = HandlerPool(
      label: "preimage.http.handler", threads: max(1, limits.handlerThreads),
      lineMax: max(0, limits.handlerQueueMax), clock: configuration.clock)
    streamingHandlers = HandlerPool(
      label: "preimage.http.streaming", threads: max(1, limits.streamingHandlersMax), lineMax: 0,
      clock: configuration.clock)
    ledger = ConnectionLedger(limits: limits, isExempt: configuration.isAddressExempt)
  }

  func response(_ failure: HTTPFailure, requestID: String) -> Response {
    failure.response(requestID: requestID, configuration.errorResponse)
  }

  /// What a handler threw, as the failure to answer with; anything unforeseen is logged here.
  func failure(_ error: any Error, requestID: String) -> HTTPFailure {
    if let failure = error as? HTTPFailure { return failure }
    configuration.logger.error(
      "A handler failed", metadata: ["request_id": "\(requestID)", "error": "\(error)"])
    return .internalError
  }
}
