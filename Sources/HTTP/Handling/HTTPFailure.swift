import HTTPTypes

/// Why a request is refused: what the server and handlers throw, and what the injected
/// `errorResponse` renders for the client.
public struct HTTPFailure: Error, Sendable {
  /// 4xx or 5xx.
  public var status: HTTPResponse.Status
  /// Stable, snake_case.
  public var code: String
  /// For a human: the offending thing and what was expected.
  public var detail: String
  /// Fields the status calls for (`Allow`, `Retry-After`); the server adds them to the rendered
  /// response when it lacks them.
  public var fields: HTTPFields

  public init(
    _ status: HTTPResponse.Status, _ code: String, _ detail: String, fields: HTTPFields = [:]
  ) {
    self.status = status
    self.code = code
    self.detail = detail
    self.fields = fields
  }
}

extension HTTPFailure {
  static func badRequest(_ code: String, _ detail: String) -> HTTPFailure {
    HTTPFailure(.badRequest, code, detail)
  }

  static func notFound(_ path: String) -> HTTPFailure {
    HTTPFailure(.notFound, "not_found", "Nothing is at \(path).")
  }

  static func methodNotAllowed(
    _ method: HTTPRequest.Method, path: String, allow: String
  ) -> HTTPFailure {
    HTTPFailure(
      .methodNotAllowed, "method_not_allowed",
      "\(path) does not answer \(method.rawValue); it answers \(allow).", fields: [.allow: allow])
  }

  static func bodyTooLarge(bytesMax: Int, announced: Int? = nil) -> HTTPFailure {
    let what = announced.map { "The body is announced with \($0) bytes" } ?? "The body is longer"
    return HTTPFailure(
      .contentTooLarge, "body_too_large", "\(what); at most \(bytesMax) bytes are read here.")
  }

  static let lengthRequired = HTTPFailure(
    .lengthRequired, "length_required", "This request needs a Content-Length.")

  static func tooSlow(_ what: String) -> HTTPFailure {
    HTTPFailure(.requestTimeout, "request_timeout", what)
  }

  static let incompleteRequest = HTTPFailure.badRequest(
    "incomplete_request", "The connection ended before the request was complete.")

  static func overloaded(_ what: String, retryAfterSeconds: Int) -> HTTPFailure {
    HTTPFailure(
      .serviceUnavailable, "server_busy", "\(what) Try again in \(retryAfterSeconds) s.",
      fields: [.retryAfter: String(retryAfterSeconds)])
  }

  static let internalError = HTTPFailure(
    .internalServerError, "internal_error",
    "The server failed to answer; the request id names the entry in its log.")

  /// A plain-text rendering, for a server that was given no other.
  @Sendable public static func plainText(_ failure: HTTPFailure, requestID: String) -> Response {
    Response(
      failure.status, fields: [.contentType: "text/plain; charset=utf-8"],
      body: .bytes(Array("\(failure.code): \(failure.detail)\n".utf8)))
  }
}
