import Documents

/// A problem that a request can meet: its status and the stable codes that tell why.
struct Refusal {
  var status: Int
  var codes: [String]
  var fields: [(name: String, text: String)] = []

  init(_ status: Int, _ codes: String...) {
    self.status = status
    self.codes = codes
  }

  /// What the wire, the limits and the server itself may answer to any request.
  static let ofEveryRequest: [Refusal] = [
    Refusal(400), Refusal(408, "request_timeout"), Refusal(413, "body_too_large"),
    Refusal(414, "request_line_too_long"),
    Refusal(417, "unknown_expectation"), Refusal(431, "header_too_large", "too_many_fields"),
    Refusal(500, "internal_error", "storage_failed"),
    Refusal(501, "unknown_method", "unknown_transfer_encoding"),
    Refusal(503, "server_busy", "storage_busy"),
    Refusal(505, "unsupported_version"),
  ]

  /// What those without the right token, or over their quota, are answered.
  static let ofAccess: [Refusal] = {
    var unauthorized = Refusal(401, "unauthorized", "invalid_token")
    unauthorized.fields = [("WWW-Authenticate", "`Bearer` and what is wrong [RFC 6750].")]
    var forbidden = Refusal(403, "insufficient_scope", "cross_site_request")
    forbidden.fields = [("WWW-Authenticate", "`Bearer` and the scope that is needed.")]
    return [unauthorized, forbidden, Refusal(429, "rate_limited", "too_many_failures")]
  }()

  /// Of query parameters that are unknown, repeated or out of range.
  static let ofQuery = Refusal(400, "unknown_parameter", "repeated_parameter", "invalid_parameter")
  /// Of pages.
  static let ofPages = [
    Refusal(400, "invalid_page_token"), Refusal(422, "invalid_page_token"),
  ]
  /// Of a body that is JSON.
  static let ofJSON: [Refusal] = [
    Refusal(400, "malformed_json", "invalid_field"),
    Refusal(415, "unsupported_media_type"), Refusal(422, "unprocessable_field"),
  ]
  static let noGenerator = Refusal(404, "generator_not_found")
  static let noInversion = Refusal(404, "inversion_not_found")
  static let noBatch = Refusal(404, "batch_not_found")
  /// Of a body that is a form.
  static let ofForms: [Refusal] = [
    Refusal(400, "invalid_multipart", "unknown_part", "repeated_part", "missing_part"),
    Refusal(413, "part_too_large"),
  ]
  static let notAcceptable = Refusal(406, "not_acceptable")
  static let storageFull = Refusal(507, "storage_full", "storage_quota_exceeded")

  /// One refusal a status, with the codes of all of that status, by status.
  static func joined(_ refusals: [Refusal]) -> [Refusal] {
    var byStatus: [Int: Refusal] = [:]
    for refusal in refusals {
      guard var known = byStatus[refusal.status] else {
        byStatus[refusal.status] = refusal
        continue
      }
      known.codes += refusal.codes.filter { !known.codes.contains($0) }
      known.fields += refusal.fields
      byStatus[refusal.status] = known
    }
    return byStatus.values.sorted { $0.status < $1.status }
  }

  /// Codes of 400 that any request may meet, since they speak of its bytes.
  static let wireCodes = [
    "already_answered", "bad_chunk", "bad_content_length", "bad_field_name", "bad_host",
    "bad_percent_encoding", "bad_request_line", "bad_target", "bad_transfer_encoding",
    "bad_version", "bare_carriage_return", "bare_line_feed", "chunk_extensions_too_long",
    "conflicting_framing", "control_character", "dot_segment", "empty_field_name",
    "empty_request_line", "encoded_nul", "encoded_slash", "field_without_colon", "folded_field",
    "host_mismatch", "incomplete_request", "missing_host", "repeated_content_length",
    "repeated_host", "repeated_transfer_encoding",
  ]

  /// What each status means.
  private static let texts: [Int: String] = [
    400: "Malformed: the request breaks the grammar of HTTP, JSON or its own fields.",
    401: "An access token is needed.",
    403: "The access token does not permit this.",
    404: "There is no such thing.",
    406: "None of the representations is acceptable.",
    408: "The request came too slowly.",
    409: "In conflict with what is there.",
    413: "Larger than this server accepts.",
    414: "The request line is too long.",
    415: "The body is not of a type that is read here.",
    416: "The range lies beyond the file.",
    417: "Expect asks for something other than 100-continue.",
    422: "Understood, but impossible.",
    429: "Over the client's quota: try again after the seconds in Retry-After.",
    431: "The header is too large.",
    500: "The server failed; its log says more under the request id.",
    501: "A method or a transfer coding that this server does not know (RFC 9110).",
    503: "Not now: try again after the seconds in Retry-After.",
    505: "Another version of HTTP than 1.0 or 1.1.",
    507: "No room is left in the storage.",
  ]

  /// - Parameter errorSchema: of what the endpoint answers itself, where that is no problem.
  func document(errorSchema: String?) -> JSONValue {
    var codes = codes.map { "`\($0)`" }
    if status == 400 { codes.append("those of the wire") }
    var fields = fields
    if status == 503 || status == 429 {
      fields.append(("Retry-After", "Seconds until it is worth trying again."))
    }
    var content: JSONObject = ["application/problem+json": ["schema": Schema.named("Problem")]]
    content["application/json"] = errorSchema.map { ["schema": Schema.named($0)] }
    return [
      "description": .string(
        "\(Self.texts[status] ?? "Refused.") Codes: \(codes.joined(separator: ", "))."),
      "headers": ReplyField.document(of: fields), "content": .object(content),
    ]
  }
}
