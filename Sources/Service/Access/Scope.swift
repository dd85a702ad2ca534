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

/// What an endpoint demands of its clients.
enum Access: Sendable, Equatable {
  /// Nothing: probes, and documents that are the same for all.
  case open
  case needs(Scope)
}
