import HTTPTypes

/// What answers the requests of one method and path pattern.
public enum RouteHandler: Sendable {
  /// Runs on the event loop: must neither block nor compute for more than some microseconds.
  case inline(@Sendable (Request) -> Response)
  /// Runs on a handler thread with the body already read.
  case queued(@Sendable (Request) throws -> Response)
  /// Like `queued`, answering through the responder now or later, from any thread.
  case deferred(@Sendable (Request, Responder) throws -> Void)
  /// Like `deferred`, after a look on the event loop: what that can answer at once costs no change of
  /// threads. A look must neither block nor compute for more than some microseconds and gives `nil`
  /// where it would. It is not asked about requests that the server's gate has yet to verify.
  case prompt(
    look: @Sendable (Request) -> Response?,
    otherwise: @Sendable (Request, Responder) throws -> Void)
  /// Runs on a thread of its own while the body arrives.
  case streaming(@Sendable (Request, BodyReader, Responder) throws -> Void)
}

/// What a route accepts as a body.
public struct BodyRule: Sendable {
  /// Whether `Content-Length` must be given; 411 otherwise (RFC 9110 section 15.5.12).
  public enum Length: Sendable { case optional, required }

  /// Over it 413; nil for the server's limit for that kind of handler.
  public var bytesMax: Int?
  public var length: Length

  public init(bytesMax: Int? = nil, length: Length = .optional) {
    precondition(bytesMax ?? 0 >= 0, "a body cannot be at most \(bytesMax ?? 0) bytes long")
    self.bytesMax = bytesMax
    self.length = length
  }

  public static let standard = BodyRule()
}

/// What answers the requests of a route that are of another kind, by their heads.
public struct RouteAlternative: Sendable {
  /// Runs on the event loop: must be quick.
  public var isMeant: @Sendable (Request) -> Bool
  public var bodyRule: BodyRule
  public var handler: RouteHandler

  public init(
    when isMeant: @escaping @Sendable (Request) -> Bool, body bodyRule: BodyRule = .standard,
    _ handler: RouteHandler
  ) {
    self.isMeant = isMeant
    self.bodyRule = bodyRule
    self.handler = handler
  }
}

/// One entry of a router.
package final class Route: Sendable {
  package let method: HTTPRequest.Method
  /// As it was given: the name of the route in logs and metrics.
  package let pattern: String
  package let parameterNames: [String]
  let handler: RouteHandler
  let bodyRule: BodyRule
  private let alternative: RouteAlternative?

  init(
    method: HTTPRequest.Method, pattern: String, parameterNames: [String],
    handler: RouteHandler, bodyRule: BodyRule, alternative: RouteAlternative? = nil
  ) {
    self.method = method
    self.pattern = pattern
    self.parameterNames = parameterNames
    self.handler = handler
    self.bodyRule = bodyRule
    self.alternative = alternative
  }

  /// The route with the handler that the request is meant for.
  func choice(for request: Request) -> Route {
    guard let alternative, alternative.isMeant(request) else { return self }
    return Route(
      method: method, pattern: pattern, parameterNames: parameterNames,
      handler: alternative.handler, bodyRule: alternative.bodyRule)
  }

  func bodyBytesMax(_ limits: ServerLimits) -> Int {
    if let own = bodyRule.bytesMax { return own }
    if case .streaming = handler { return limits.streamedBodyBytesMax }
    return limits.bufferedBodyBytesMax
  }
}
