import ArgumentParser
import Foundation
import Service
import Storage

/// `preimage token`: who may use the service.
struct Token: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes, lists and revokes access tokens.",
    discussion: """
      Works on the database, also while a server runs on it. A new token works at once; a revoked \
      one stops working within auth.token_memory_seconds.
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Makes a token and prints it: once, since only its SHA-256 is kept.",
      discussion: """
        Tokens of one client see the same generators and inversions, those of different clients do \
        not see one another's. Without a name it is the client that a server without tokens has.
        """)

    @OptionGroup var options: DatabaseOptions

    @Option(help: "Whose token it is: at most 64 of A-Z a-z 0-9 . _ -")
    var client = ""

    @Option(
      name: .customLong("scope"), parsing: .singleValue,
      help:
        "What it permits; repeat for several: \(Scope.allCases.map(\.rawValue).joined(separator: ", "))."
    )
    var scopes: [Scope] = []

    @Option(help: "Days until it ends by itself, 1 to 36500; without this it does not.")
    var days: Int?

    @Option(help: "A note for people, such as where it is used; at most 200 bytes.")
    var note = ""

    func validate() throws {
      guard !scopes.isEmpty else {
        throw ValidationError("Give at least one --scope, such as --scope inversions:read.")
      }
      guard StoredToken.isValidClient(client) else {
        throw ValidationError(
          "--client is \"\(client)\", expected at most 64 of A-Z a-z 0-9 . _ -")
      }
      guard note.utf8.count <= 200, note.unicodeScalars.allSatisfy({ $0.value >= 32 }) else {
        throw ValidationError(
          "--note has \(note.utf8.count) bytes, expected one line of up to 200.")
      }
      if let days, !(1...36_500).contains(days) {
        throw ValidationError("--days is \(days), expected 1 to 36500.")
      }
    }

    func run() throws {
      let token = AccessToken()
      let now = Date()
      let stored = StoredToken(
        id: token.id, digest: token.digest, client: client,
        scopes: Scope.allCases.filter(scopes.contains).map(\.rawValue), note: note, createdAt: now,
        expiresAt: days.map { now.addingTimeInterval(Double($0) * 86_400) })
      try options.withTokens { try $0.insert(stored) }
      print(token.text)
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Lists all tokens, oldest first: id, client, scopes, state, since when, note.")

    @OptionGroup var options: DatabaseOptions

    func run() throws {
      let now = Date()
      for token in try options.withTokens({ try $0.list() }) {
        let state =
          token.revokedAt != nil ? "revoked" : token.isValid(at: now) ? "valid" : "expired"
        let client = token.client.isEmpty ? "-" : token.client
        print(
          token.id, client, token.scopes.joined(separator: ","), state,
          token.createdAt.formatted(.iso8601), token.note, separator: "\t")
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes a token worthless.")

    @OptionGroup var options: DatabaseOptions

    @Argument(help: "The token's id, as list shows it: the ten characters after preimage_.")
    var id: String

    func run() throws {
      let revoked = try options.withTokens { try $0.revoke(id, now: Date()) }
      print("revoked \(revoked.id)")
    }
  }
}

extension DatabaseOptions {
  fileprivate func withTokens<Value>(_ body: (TokenStore) throws -> Value) throws -> Value {
    try withOwner { try TokenStore.withStore(at: $0, body) }
  }
}

extension Scope: ExpressibleByArgument {}
