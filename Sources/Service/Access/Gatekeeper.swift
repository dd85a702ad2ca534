import Foundation
import HTTP
import HTTPTypes
import Storage

/// Decides about each request before its handler sees it: who asks, whether that is permitted, and
/// whether it is within the client's rate.
struct Gatekeeper: Sendable {
  /// What each route demands. A route that is not here is for those who run the service.
  let demands: [String: [HTTPRequest.Method: Access]]
  let requiresTokens: Bool
  let authenticator: Authenticator
  let rate: RateQuota?
  /// Look-ups of tokens that were none, by address.
  let failures: RateQuota?
  let proxies: TrustedProxies
  let now: @Sendable () -> Date

  var gate: RequestGate {
    RequestGate(
      admit: { (request) throws(HTTPFailure) in try admit(&request) },
      verify: { (request) throws(HTTPFailure) in try verify(request) },
      isVerified: { !awaitsVerification($0) }, finish: finish)
  }

  static func demands(_ operations: [Operation]) -> [String: [HTTPRequest.Method: Access]] {
    var demands: [String: [HTTPRequest.Method: Access]] = [:]
    for operation in operations {
      demands[operation.path, default: [:]][operation.method] = operation.access
    }
    return demands
  }

  private func admit(_ request: inout Request) throws(HTTPFailure) {
    guard let pattern = request.routePattern else { return }
    let method = request.method == .head ? .get : request.method
    let access = demands[pattern]?[method] ?? .needs(.admin)
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
    } else if let seconds = failures?.look(address, now: now()).retryAfterSeconds {
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
      if error.status == .unauthorized { _ = failures?.take(context.address, now: now()) }
      throw error
    }
    context.principal = principal
    try permit(context, principal, scope)
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
    guard let standing = rate?.take(principal.client, now: now()) else { return }
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
    if let rate, let standing = context.rate {
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
