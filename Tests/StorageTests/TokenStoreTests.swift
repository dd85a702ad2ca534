// Access tokens: their text, what is kept of them, and two processes at one database.

import Foundation
import Storage
import Testing

@Suite("Tokens")
struct TokenStoreTests {
  private static func stored(
    _ token: AccessToken, client: String = "acme", expiresAt: Date? = nil
  ) -> StoredToken {
    StoredToken(
      id: token.id, digest: token.digest, client: client, scopes: ["a:b", "c"], note: "a note",
      createdAt: Date(timeIntervalSince1970: 1000), expiresAt: expiresAt)
  }

  @Test("a token's text is read back, and nothing else is a token")
  func text() throws {
    var random = SeededRandomness(seed: 1)
    let token = AccessToken(using: &random)
    #expect(token.text.hasPrefix("preimage_\(token.id)_") && token.text.utf8.count == 72)
    #expect(token.text.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" })
    let again = try #require(AccessToken(token.text))
    #expect(again.id == token.id && again.digest == token.digest)
    #expect(AccessToken().text != AccessToken().text)
    let text = token.text
    for other in [
      "", "preimage_", String(text.dropLast()), text + "0", text.uppercased(),
      "x" + text.dropFirst(),
      text.replacing("_", with: "-"), String(text.dropLast()) + "u", String(text.dropLast()) + "é",
    ] {
      #expect(AccessToken(other) == nil, "\(other)")
    }
  }

  @Test("digests are compared over all of their bytes")
  func comparison() {
    let digest = ContentDigest(hashing: [1])
    #expect(digest.equalsInConstantTime(ContentDigest(hashing: [1])))
    for index in 0..<32 {
      var bytes = digest.bytes
      bytes[index] ^= 1
      #expect(ContentDigest(bytes: bytes).map(digest.equalsInConstantTime) == false)
    }
  }

  @Test("a token is found, listed and revoked; its text is nowhere in the files")
  func life() throws {
    let temporary = try TemporaryDatabase()
    let store = TokenStore(database: temporary.database)
    let now = Date(timeIntervalSince1970: 2000)
    #expect(try !store.hasValidToken(at: now))
    let token = AccessToken()
    try store.insert(Self.stored(token))
    #expect(try store.find(token.id) == Self.stored(token))
    #expect(try store.find("0000000000") == nil)
    #expect(try store.hasValidToken(at: now))
    let revoked = try store.revoke(token.id, now: now)
    #expect(revoked.revokedAt == now && !revoked.isValid(at: now))
    // The first end stands.
    #expect(try store.revoke(token.id, now: now.addingTimeInterval(9)).revokedAt == now)
    #expect(try store.list() == [revoked])
    #expect(try !store.hasValidToken(at: now))
    #expect(throws: StorageError.tokenMissing(id: "nobody")) {
      try store.revoke("nobody", now: now)
    }
    try temporary.database.close()
    for suffix in ["", "-wal"] {
      let file = FileManager.default.contents(atPath: temporary.path + suffix) ?? Data()
      #expect(file.range(of: Data(token.text.suffix(52).utf8)) == nil)
    }
  }

  @Test("a token ends at the moment it says")
  func expiry() throws {
    let temporary = try TemporaryDatabase()
    let store = TokenStore(database: temporary.database)
    let end = Date(timeIntervalSince1970: 3000)
    let token = Self.stored(AccessToken(), expiresAt: end)
    try store.insert(token)
    let before = end.addingTimeInterval(-0.001)
    #expect(token.isValid(at: before) && !token.isValid(at: end))
    #expect(try store.hasValidToken(at: before) && !store.hasValidToken(at: end))
  }

  @Test("names of clients are of a known form")
  func clients() {
    for name in ["", "acme", "a.b_c-9", String(repeating: "x", count: 64)] {
      #expect(StoredToken.isValidClient(name), "\(name)")
    }
    for name in ["*", "a b", "a/b", "ä", "a\n", String(repeating: "x", count: 65)] {
      #expect(!StoredToken.isValidClient(name), "\(name)")
    }
  }

  @Test("tokens can be seen to beside the process that has the database, and where there is none")
  func beside() throws {
    let temporary = try TemporaryDatabase()
    let token = AccessToken()
    // The database is open and locked here.
    try TokenStore.withStore(at: temporary.path) { try $0.insert(Self.stored(token)) }
    #expect(try TokenStore(database: temporary.database).find(token.id) != nil)
    try temporary.addGenerator("gen")
    try temporary.jobs.add(.sample("a"))
    #expect(try temporary.database.executeRaw("PRAGMA integrity_check") == "ok")

    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/new.sqlite"
    #expect(throws: StorageError.schemaIncomplete(path: path)) { try Database(beside: path) }
    try TokenStore.withStore(at: path) { try $0.insert(Self.stored(token)) }
    let opened = try Database(path: path)
    #expect(try TokenStore(database: opened).list().map(\.id) == [token.id])
    try opened.close()
  }

  @Test("writers of two openings take turns, and nothing is lost")
  func turns() throws {
    let temporary = try TemporaryDatabase()
    let path = temporary.path
    try temporary.addGenerator("gen")
    let database = temporary.database
    let made = race(threads: 4) { thread -> Int in
      (0..<25).count { step in
        if thread.isMultiple(of: 2) {
          return (try? SQLiteJobStore(database: database).add(.sample("\(thread)-\(step)"))) != nil
        }
        return
          (try? TokenStore.withStore(at: path) { try $0.insert(Self.stored(AccessToken())) }) != nil
      }
    }
    #expect(made == [25, 25, 25, 25])
    #expect(try temporary.count("tokens") == 50 && temporary.count("jobs") == 50)
    #expect(try database.executeRaw("PRAGMA integrity_check") == "ok")
  }
}
