import Foundation
import HTTP
import HTTPTypes
import Logging
import Storage
import Synchronization

/// Knows who a token speaks for.
///
/// What was read of a token is remembered for a moment, so that requests in a row cost no look-up;
/// a token that is revoked stops working when that moment is over. A token that is not remembered is
/// always looked up: a new one works at once.
final class Authenticator: Sendable {
  private let tokens: TokenStore
  private let rememberedSeconds: @Sendable () -> Double
  private let now: @Sendable () -> Date
  private let logger: Logger
  private let memory = Mutex<[String: (token: StoredToken, readAt: Date)]>([:])

  /// Tokens that are remembered at once.
  private static let rememberedMax = 4096
  /// Stands in for the digest of a token that there is not.
  private static let nobody = ContentDigest(hashing: [])

  init(
    tokens: TokenStore, rememberedSeconds: @escaping @Sendable () -> Double,
    now: @escaping @Sendable () -> Date, logger: Logger
  ) {
    self.tokens = tokens
    self.rememberedSeconds = rememberedSeconds
    self.now = now
    self.logger = logger
  }

  /// Who the token speaks for, if that is remembered. Does not block.
  func remembered(_ token: AccessToken) -> Principal? {
    guard let known = memory.withLock({ $0[token.id] }) else { return nil }
    let now = now()
    guard (0..<rememberedSeconds()).contains(now.timeIntervalSince(known.readAt)),
      known.token.isValid(at: now), known.token.digest.equalsInConstantTime(token.digest)
    else { return nil }
    return Self.principal(known.token)
  }

  /// Who the token speaks for, as it is stored. May block.
  ///
  /// - Throws: 401 `invalid_token`; 503 or 500 when the storage fails.
  func verify(_ token: AccessToken, requestID: String) throws(HTTPFailure) -> Principal {
    let stored: StoredToken?
    do throws(StorageError) {
      stored = try tokens.find(token.id)
    } catch {
      let problem = Problem(error, requestID: requestID, log: logger)
      throw HTTPFailure(problem.status, problem.code, problem.detail)
    }
    let now = now()
    let isSame = token.digest.equalsInConstantTime(stored?.digest ?? Self.nobody)
    guard let stored, isSame, stored.isValid(at: now) else {
      memory.withLock { if isSame { $0[token.id] = nil } }
      throw .invalidToken("The access token is unknown, revoked or expired.")
    }
    memory.withLock { memory in
      if memory.count >= Self.rememberedMax { memory.removeAll() }
      memory[token.id] = (stored, now)
    }
    return Self.principal(stored)
  }

  private static func principal(_ token: StoredToken) -> Principal {
    Principal(
      client: token.client, scopes: Set(token.scopes.compactMap(Scope.init)), tokenID: token.id)
  }
}

extension HTTPFailure {
  private static let realm = "Bearer realm=\"preimage\""

  /// Nothing was brought [RFC 6750, section 3]: no error code then.
  static let tokenMissing = HTTPFailure(
    .unauthorized, "unauthorized",
    "An access token is needed: send Authorization: Bearer with one.",
    fields: [.wwwAuthenticate: realm])

  static func invalidToken(_ detail: String) -> HTTPFailure {
    HTTPFailure(
      .unauthorized, "invalid_token", detail,
      fields: [
        .wwwAuthenticate: "\(realm), error=\"invalid_token\", error_description=\"\(detail)\""
      ])
  }

  static func tooManyFailures(retryAfterSeconds: Int) -> HTTPFailure {
    HTTPFailure(
      .tooManyRequests, "too_many_failures",
      "Too many access tokens from this address were none; try again in \(retryAfterSeconds) s.",
      fields: [.retryAfter: String(retryAfterSeconds)])
  }

  static func insufficientScope(_ scope: Scope) -> HTTPFailure {
    HTTPFailure(
      .forbidden, "insufficient_scope",
      "The access token lacks the scope \(scope.rawValue).",
      fields: [
        .wwwAuthenticate: "\(realm), error=\"insufficient_scope\", scope=\"\(scope.rawValue)\""
      ])
  }
}
