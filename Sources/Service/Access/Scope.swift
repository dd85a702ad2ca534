/// What a token may permit.
public enum Scope: String, CaseIterable, Sendable {
  /// Read inversions, generators and what they give.
  case inversionsRead = "inversions:read"
  /// Submit, cancel and delete inversions.
  case inversionsWrite = "inversions:write"
  /// Upload and delete generators.
  case generatorsWrite = "generators:write"
  /// Run the service: metrics, everybody's generators, and all of the above.
  case admin
}

/// What the gate holds a route's requests to, as its operation says.
struct RouteTerms: Sendable {
  var access: Access
  /// The media types of what it answers; empty where nothing is to be chosen from.
  var offers: [String]

  /// Of a route that nothing is said of: for those who run the service.
  static let unknown = RouteTerms(access: .needs(.admin), offers: [])
}

/// What an endpoint demands of its clients.
enum Access: Sendable, Equatable {
  /// Nothing: probes, and documents that are the same for all.
  case open
  case needs(Scope)
}
