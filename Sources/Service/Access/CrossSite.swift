import HTTP
import HTTPTypes

/// Requests that a browser sends because a page of another site told it to.
///
/// Without tokens whoever reaches the address may use the service, and any page in a browser on the
/// same machine reaches it. Browsers name such pages in `Origin`; other clients send none.
enum CrossSite {
  /// Refuses what would change something on behalf of another site's page.
  static func refuse(_ request: Request) throws(HTTPFailure) {
    switch request.method {
    case .get, .head, .options: return
    default: break
    }
    guard let origin = request.field(.origin) else { return }
    let host = request.field(.host) ?? ""
    guard origin.lowercased() != "http://\(host.lowercased())",
      origin.lowercased() != "https://\(host.lowercased())"
    else { return }
    throw HTTPFailure(
      .forbidden, "cross_site_request",
      "The request comes from a page of \(origin.prefix(128)), and this server has no access tokens "
        + "to tell its clients by; use the server's own pages, or require tokens.")
  }
}

extension HTTPField.Name {
  static let host = Self("Host")!
}
