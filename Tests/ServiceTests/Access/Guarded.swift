import Foundation
import HTTP
import Service
import Storage

/// A service that requires tokens.
struct Guarded {
  let service: PreimageService
  let client: ServiceClient
  let path: String

  /// A client with a new token of these scopes.
  func guest(
    _ scopes: [Scope], of client: String = "", expiresAt: Date? = nil
  ) throws -> ServiceClient {
    var guest = self.client
    guest.token = try token(scopes, of: client, expiresAt: expiresAt).text
    return guest
  }

  /// A client that may do everything with its own objects.
  func tenant(_ name: String) throws -> ServiceClient {
    try guest([.inversionsRead, .inversionsWrite, .generatorsWrite], of: name)
  }

  /// A new token, made the way that another process makes it.
  func token(
    _ scopes: [Scope], of client: String = "", expiresAt: Date? = nil
  ) throws -> AccessToken {
    let token = AccessToken()
    try TokenStore.withStore(at: path) {
      try $0.insert(
        StoredToken(
          id: token.id, digest: token.digest, client: client, scopes: scopes.map(\.rawValue),
          createdAt: Date(), expiresAt: expiresAt))
    }
    return token
  }

  func revoke(_ token: AccessToken) throws {
    _ = try TokenStore.withStore(at: path) { try $0.revoke(token.id, now: Date()) }
  }
}

/// Runs `body` against a service that requires tokens.
func withGuardedService(
  bundled: Bool = false,
  _ adjust: (inout PreimageService.Configuration) -> Void = { _ in },
  _ body: (Guarded) throws -> Void
) throws {
  var path = ""
  try withService(bundled: bundled) {
    $0.access.requirement = .always
    $0.access.tokenMemorySeconds = 0
    adjust(&$0)
    path = $0.databasePath
  } _: { service, client in
    try body(Guarded(service: service, client: client, path: path))
  }
}
