// What is known of a token that was made.

import Foundation

/// An access token as it is stored: everything but the token.
public struct StoredToken: Sendable, Equatable, Identifiable {
  public var id: String
  public var digest: ContentDigest
  /// Whose objects it opens: `[A-Za-z0-9._-]{0,64}`. The empty name is the client that a server
  /// without access control has.
  public var client: String
  /// What it permits, in the words of whoever asks.
  public var scopes: [String]
  /// For people: where it is used.
  public var note: String
  public var createdAt: Date
  /// `nil` for a token that does not end by itself.
  public var expiresAt: Date?
  public var revokedAt: Date?

  public init(
    id: String, digest: ContentDigest, client: String, scopes: [String], note: String = "",
    createdAt: Date, expiresAt: Date? = nil, revokedAt: Date? = nil
  ) {
    self.id = id
    self.digest = digest
    self.client = client
    self.scopes = scopes
    self.note = note
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.revokedAt = revokedAt
  }

  /// Whether it opens anything at `moment`.
  public func isValid(at moment: Date) -> Bool {
    revokedAt == nil && expiresAt.map { moment < $0 } != false
  }

  /// `[A-Za-z0-9._-]{0,64}`.
  public static func isValidClient(_ name: String) -> Bool {
    name.utf8.count <= 64
      && name.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2E, 0x5F, 0x2D: true
        default: false
        }
      }
  }
}
