import Foundation
import HTTP
import HTTPTypes
import Storage

/// Decides about each request before its handler sees it: who asks, whether that is permitted, and
/// whether it is within the client's rate.
struct Gatekeeper: Sendable {
  /// By pattern and method.
  let terms: [String: [HTTPRequest.Method: RouteTerms]]
  let requiresTokens: Bool
  let authenticator: Authenticator
  let bounds: Adjustable<AccessBounds>
  let proxies: TrustedProxies
  let now: @Sendable () -> Date

  var gate: RequestGate {
    RequestGate(
      admit: { (request) throws(HTTPFailure) in try admit(&request) },
      verify: { (request) throws(HTTPFailure) in try verify(request) },
      isVerified: { !awaitsVerification($0) }, finish: finish)
  }

  static func terms(_ operations: [Operation]) -> [String: [HTTPRequest.Method: RouteTerms]] {
    var terms: [String: [HTTPRequest.Method: RouteTerms]] = [:]
    for operation in operations {
      guard let access = operation.access else { continue }
      terms[operation.path, default: [:]][operation.method] = RouteTerms(
        access: access, offers: operation.negotiates ? operation.offers : [])
    }
    return terms
  }

  private func admit(_ request: inout Request) throws(HTTPFailure) {
    guard let pattern = request.routePattern else { return }
    let method = request.method == .head ? .get : request.method
    let terms = terms[pattern]?[method] ?? .unknown
    let access = terms.access
    let isTraced = request.field(.traceparent) != nil
    // Probes come often and are nobody's: they cost no more than this.
    if access == .open, !isTraced { return }
    let trace = TraceContext(request)
    let address = proxies.address(of: request)
    guard case .needs(let scope) = access else {
      request.context = RequestContext(
        access: access, address: address, trace: trace, token: nil, principal: nil)
      return
    }
    guard requiresTokens else {
      let context = RequestContext(
        access: access, address: address, trace: trace, token: nil, principal: .anybody)
      request.context = context
      try CrossSite.refuse(request)
      try count(context, .anybody)
      try Self.checkAcceptable(request, terms.offers)
      return
    }
    let token = BearerToken(request)
    let principal = token.known.flatMap(authenticator.remembered)
    let context = RequestContext(
      access: access, address: address, trace: trace, token: token.known, principal: principal)
    request.context = context
    if let failure = token.failure { throw failure }
    if let principal {
      try permit(context, principal, scope)
      try Self.checkAcceptable(request, terms.offers)
    } else if let seconds = bounds.value.failures?.look(address, now: now()).retryAfterSeconds {
      throw .tooManyFailures(retryAfterSeconds: seconds)
    }
    // One that is not remembered is looked up where that may take its time.
  }

  private func verify(_ request: Request) throws(HTTPFailure) {
    guard awaitsVerification(request), let context = request.serviceContext,
      case .needs(let scope) = context.access
    else { return }
    guard let token = context.token else { throw .tokenMissing }
    let principal: Principal
    do throws(HTTPFailure) {
      principal = try authenticator.verify(token, requestID: request.id)
    } catch {
      if error.status == .unauthorized {
        _ = bounds.value.failures?.take(context.address, now: now())
      }
      throw error
    }
    context.principal = principal
    try permit(context, principal, scope)
    let method = request.method == .head ? .get : request.method
    try Self.checkAcceptable(
      request, terms[request.routePattern ?? ""]?[method]?.offers ?? [])
  }

  /// Most clients accept anything, and say so in three signs.
  private static func checkAcceptable(
    _ request: Request, _ offers: [String]
  ) throws(HTTPFailure) {
    guard !offers.isEmpty, let accept = request.field(.accept), accept != "*/*",
      MediaType.negotiate(accept, offers: offers) == nil
    else { return }
    throw HTTPFailure(
      .notAcceptable, "not_acceptable", "Accept wants none of \(offers.joined(separator: ", ")).")
  }

  /// Whether the request is for somebody who is not known yet.
  private func awaitsVerification(_ request: Request) -> Bool {
    guard let context = request.serviceContext, case .needs = context.access else { return false }
    return context.principal == nil
  }

  private func permit(
    _ context: RequestContext, _ principal: Principal, _ scope: Scope
  ) throws(HTTPFailure) {
    guard principal.may(scope) else { throw .insufficientScope(scope) }
    try count(context, principal)
  }

  private func count(_ context: RequestContext, _ principal: Principal) throws(HTTPFailure) {
    guard let standing = bounds.value.rate?.take(principal.client, now: now()) else { return }
    context.rate = standing
    if let seconds = standing.retryAfterSeconds {
      throw .tooManyRequests(retryAfterSeconds: seconds)
    }
  }

  private func finish(_ request: Request, _ response: inout Response) {
    guard let context = request.serviceContext else { return }
    if let trace = context.trace, trace.isContinued {
      response.fields[.traceparent] = trace.traceparent
    }
    if let standing = context.rate, let rate = bounds.value.rate {
      response.fields[.rateLimitPolicy] = rate.policy
      response.fields[.rateLimit] = standing.field
    }
    // What a token protects is not for anybody's cache.
    if requiresTokens, context.access != .open, !response.fields.contains(.cacheControl) {
      response.fields[.cacheControl] = "no-store"
    }
  }
}

/// What `Authorization` brought [RFC 6750, section 2.1].
private enum BearerToken {
  case token(AccessToken)
  case missing
  case malformed

  init(_ request: Request) {
    guard let value = request.field(.authorization) else {
      self = .missing
      return
    }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer",
      let token = AccessToken(parts[1].trimmingSpaces())
    else {
      self = .malformed
      return
    }
    self = .token(token)
  }

  var known: AccessToken? {
    if case .token(let token) = self { token } else { nil }
  }

  var failure: HTTPFailure? {
    switch self {
    case .token: nil
    case .missing: .tokenMissing
    case .malformed:
      .invalidToken("Authorization holds no access token of this service; expected Bearer and one.")
    }
  }
}
