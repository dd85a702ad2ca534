/// On whose behalf a request is carried out.
struct Principal: Sendable, Equatable {
  /// Whose objects it sees: those of this client, and everybody's.
  var client: String
  var scopes: Set<Scope>
  /// The id of the token that says so; `nil` without access control.
  var tokenID: String?

  /// Whoever asks, where tokens are not required.
  static let anybody = Principal(client: "", scopes: Set(Scope.allCases))

  func may(_ scope: Scope) -> Bool { scopes.contains(scope) || scopes.contains(.admin) }
}
