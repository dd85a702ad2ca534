import HTTPTypes

/// What browsers are told about every answer. No answer may be framed, run as a script of another
/// type or be read by other sites' pages; there is no `Access-Control-Allow-Origin`. HSTS belongs to
/// whoever ends TLS.
enum SecurityFields {
  static let ofEveryAnswer: HTTPFields = {
    var fields: HTTPFields = [.xContentTypeOptions: "nosniff"]
    fields[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
    fields[.referrerPolicy] = "no-referrer"
    fields[.crossOriginResourcePolicy] = "same-origin"
    return fields
  }()
}

extension HTTPField.Name {
  fileprivate static let referrerPolicy = Self("Referrer-Policy")!
}
