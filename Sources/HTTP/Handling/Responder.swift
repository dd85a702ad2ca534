import HTTPTypes
import Synchronization

/// The promise of one response: answered at most once, now or later, from any thread. A responder
/// that goes away unanswered answers 500, so no client waits for ever.
public final class Responder: Sendable {
  let link: ExchangeLink

  init(_ link: ExchangeLink) {
    self.link = link
  }

  /// A responder that belongs to no connection, for tests of handlers.
  public convenience init(
    requestID: String = "test",
    errorResponse: @escaping @Sendable (HTTPFailure, String) -> Response = HTTPFailure.plainText,
    deliver: @escaping @Sendable (Response) -> Void
  ) {
    self.init(
      ExchangeLink(requestID: requestID, errorResponse: errorResponse, deliver: deliver))
  }

  deinit {
    link.fail(.internalError)
  }

  public var requestID: String { link.requestID }

  /// Answers; false when an answer was given before, which then stands.
  @discardableResult
  public func respond(_ response: Response) -> Bool {
    link.answer(response)
  }

  /// Answers with the rendering of `failure`; false when an answer was given before.
  @discardableResult
  public func fail(_ failure: HTTPFailure) -> Bool {
    link.fail(failure)
  }

  /// Whether the client is still there, as far as the socket knows.
  public var isConnected: Bool { link.isConnected }

  /// Runs `action` once when the client goes before it was answered (at once when it has gone), on
  /// a handler thread or the caller's. A client that only closed its sending side counts as gone,
  /// but still gets an answer.
  public func onDisconnect(_ action: @escaping @Sendable () -> Void) {
    link.onDisconnect(action)
  }
}

/// What a responder and its connection share.
final class ExchangeLink: Sendable {
  private struct State: Sendable {
    var isAnswered = false
    var isConnected = true
    var onDisconnect: [@Sendable () -> Void] = []
  }

  let requestID: String
  private let state = Mutex(State())
  private let errorResponse: @Sendable (HTTPFailure, String) -> Response
  private let deliver: @Sendable (Response) -> Void

  init(
    requestID: String, errorResponse: @escaping @Sendable (HTTPFailure, String) -> Response,
    deliver: @escaping @Sendable (Response) -> Void
  ) {
    self.requestID = requestID
    self.errorResponse = errorResponse
    self.deliver = deliver
  }

  var isConnected: Bool { state.withLock { $0.isConnected } }

  @discardableResult
  func answer(_ response: Response) -> Bool {
    guard claim() else { return false }
    deliver(response)
    return true
  }

  @discardableResult
  func fail(_ failure: HTTPFailure) -> Bool {
    guard claim() else { return false }
    deliver(failure.response(requestID: requestID, errorResponse))
    return true
  }

  /// Keeps later answers from being delivered: the connection answered in the handler's place.
  func claim() -> Bool {
    state.withLock { state in
      defer {
        state.isAnswered = true
        state.onDisconnect = []
      }
      return !state.isAnswered
    }
  }

  func onDisconnect(_ action: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if state.isConnected, !state.isAnswered { state.onDisconnect.append(action) }
      return !state.isConnected
    }
    if isLate { action() }
  }

  /// Notes that the client has gone; what to run about it.
  func disconnect() -> [@Sendable () -> Void] {
    state.withLock { state in
      defer { state.onDisconnect = [] }
      state.isConnected = false
      return state.onDisconnect
    }
  }
}

extension HTTPFailure {
  /// The injected rendering with the fields that the status calls for.
  func response(
    requestID: String, _ render: @Sendable (HTTPFailure, String) -> Response
  ) -> Response {
    var response = render(self, requestID)
    for field in fields where !response.fields.contains(field.name) {
      response.fields.append(field)
    }
    return response
  }
}
