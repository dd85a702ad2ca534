import Documents
import Foundation
import Glibc
import Testing

/// `preimage token`, beside a server and without one.
@Suite(.serialized, .needsProgram)
struct TokenTests {
  private static let settings =
    "log:\n  format: json\nauth:\n  mode: on\n  token_memory_seconds: 0\n"

  /// Makes a token and gives its text.
  private func create(_ arguments: [String], in folder: URL) throws -> String {
    let child = try Child(
      try #require(Program.path), ["token", "create", "--database", "a.sqlite"] + arguments,
      in: folder)
    let ending = try child.wait(seconds: 60)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(ending.output.hasSuffix("\n"))
    return String(ending.output.dropLast())
  }

  @Test func aTokenMadeWhileTheServerRunsWorksAtOnceUntilItIsRevoked() throws {
    try withFolder { folder in
      let server = try RunningServer("a.sqlite", in: folder, settings: Self.settings)
      defer { server.child.kill() }
      #expect(try server.get("/v1/generators").status == 401)
      server.token = try create(["--scope", "inversions:read", "--note", "a note"], in: folder)
      #expect(try server.get("/v1/generators").status == 200)
      #expect(try server.get("/metrics").status == 403)
      let listed = try Program.run("token", "list", "--database", "a.sqlite", in: folder)
      let fields = listed.output.split(separator: "\t", omittingEmptySubsequences: false)
      #expect(fields.count == 6 && fields[1] == "-" && fields[2] == "inversions:read")
      #expect(fields[3] == "valid" && fields[5] == "a note\n")
      #expect(server.token?.hasPrefix("preimage_\(fields[0])_") == true)
      let id = String(fields[0])
      let revoked = try Program.run("token", "revoke", id, "--database", "a.sqlite", in: folder)
      #expect(revoked.status == 0 && revoked.output == "revoked \(id)\n", "\(revoked.errors)")
      #expect(try server.get("/v1/generators").status == 401)
      let again = try Program.run("token", "list", "--database", "a.sqlite", in: folder)
      #expect(again.output.contains("\trevoked\t"))
      server.child.signal(SIGTERM)
      let ending = try server.child.wait(seconds: 20)
      let secret = try #require(server.token).suffix(52)
      #expect(!ending.errors.contains(secret) && !again.output.contains(secret))
      // A line a request, each an object.
      let lines = try ending.errors.split(separator: "\n").map {
        try JSONParser().parse(Array($0.utf8))
      }
      #expect(lines.count { $0["message"] == "request" } == 4)
    }
  }

  @Test func aServerForOthersStartsOnceThereIsAToken() throws {
    try withFolder { folder in
      let arguments = ["serve", "--host", "0.0.0.0", "--port", "0", "--database", "a.sqlite"]
      let program = try #require(Program.path)
      let refused = try Child(program, arguments, in: folder).wait(seconds: 60)
      #expect(refused.status == 1 && refused.output.isEmpty)
      #expect(
        refused.errors.contains("0.0.0.0") && refused.errors.contains("preimage token create"))
      _ = try create(["--scope", "admin", "--days", "1", "--client", "acme"], in: folder)
      let started = try Child(program, arguments, in: folder)
      defer { started.kill() }
      #expect(try started.line(seconds: 30).hasPrefix("preimage listening on http://0.0.0.0:"))
      // What is stored is for the user of the server alone.
      for suffix in ["", "-wal", ".lock", ".writer"] {
        let path = folder.appending(path: "a.sqlite\(suffix)").path
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
      }
    }
  }

  @Test(
    arguments: [
      (["create"], "--scope"), (["create", "--scope", "all"], "all"),
      (["create", "--scope", "admin", "--client", "a b"], "\"a b\""),
      (["create", "--scope", "admin", "--days", "0"], "0"),
      (["create", "--scope", "admin", "--days", "36501"], "36501"),
      (["create", "--scope", "admin", "--note", String(repeating: "n", count: 201)], "201"),
      (["revoke", "nobody"], "'nobody'"),
    ])
  func whatCannotBeIsRefusedByName(arguments: [String], named: String) throws {
    try withFolder { folder in
      let child = try Child(
        try #require(Program.path), ["token"] + arguments + ["--database", "a.sqlite"], in: folder)
      let ending = try child.wait(seconds: 60)
      #expect(ending.status != 0 && ending.status != nil && ending.output.isEmpty)
      #expect(ending.errors.contains(named), "\(ending.errors)")
    }
  }
}
