import HTTPTypes

/// What the access log learns about one request.
public struct AccessRecord: Sendable {
  /// The status of a request whose client left before its answer (nginx's number).
  public static let clientGoneStatus = 499

  public let requestID: String
  /// nil when the head could not be parsed.
  public let method: HTTPRequest.Method?
  /// nil when no route matched; a pattern, so that no id ends in a metric's label.
  public let routePattern: String?
  public let status: Int
  /// Of the body handed to the socket.
  public let responseBodyBytes: Int
  public let requestBodyBytes: Int
  /// From the end of the request's head to the end of the response's body.
  public let durationSeconds: Double
  public let remoteAddress: SocketAddress
  /// What the gate gave the request; nil without a gate and for heads that could not be parsed.
  public let context: (any AnyObject & Sendable)?
}
