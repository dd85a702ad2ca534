import Documents
import HTTP
import HTTPTypes

/// A request that was not carried out, as the client is told [RFC 9457].
package struct Problem: Error {
  package var status: HTTPResponse.Status
  /// Stable, snake_case.
  package var code: String
  /// Names the value, what was expected, and what to try.
  package var detail: String
  package var errors: [DocumentError.Field] = []
  /// `Retry-After` in seconds, with 429 and 503.
  package var retryAfterSeconds: Int?

  package init(
    _ status: HTTPResponse.Status, _ code: String, _ detail: String,
    errors: [DocumentError.Field] = [], retryAfterSeconds: Int? = nil
  ) {
    self.status = status
    self.code = code
    self.detail = detail
    self.errors = errors
    self.retryAfterSeconds = retryAfterSeconds
  }

  package func document(requestID: String?) -> JSONValue {
    var members: JSONObject = [
      "type": .string("urn:preimage:problem:\(code)"), "title": .string(status.reasonPhrase),
      "status": .number(Double(status.code)), "detail": .string(detail), "code": .string(code),
    ]
    if let requestID { members["request_id"] = .string(requestID) }
    if !errors.isEmpty {
      members["errors"] = .array(
        errors.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] })
    }
    return .object(members)
  }

  func response(requestID: String) -> Response {
    var fields: HTTPFields = [.contentType: "application/problem+json"]
    if let retryAfterSeconds { fields[.retryAfter] = String(retryAfterSeconds) }
    return Response(
      status, fields: fields,
      body: .bytes(JSONWriter.bytes(of: document(requestID: requestID))))
  }
}

extension Problem {
  /// A field of the query or the head that cannot be accepted.
  static func malformed(_ code: String, _ detail: String) -> Problem {
    Problem(.badRequest, code, detail)
  }

  static func notFound(_ what: String, _ id: String) -> Problem {
    Problem(.notFound, "\(what)_not_found", "There is no \(what) \"\(id.prefix(128))\".")
  }
}
