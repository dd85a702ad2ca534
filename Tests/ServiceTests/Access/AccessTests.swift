import Documents
import Foundation
import HTTP
import HTTPTypes
import Service
import Storage
import Testing

/// Who is let in: bearer tokens, their scopes and their ends.
struct AccessTests {
  /// Every operation but those that are open, with a path that names nothing.
  private static let demands: [(method: String, path: String, scope: Scope)] =
    Contract.shared.operations.compactMap { path, method, operation in
      guard let scopes = operation["security"]?.elements?.first?["bearer"]?.elements,
        let scope = scopes.first?.string.flatMap(Scope.init)
      else { return nil }
      return (method.uppercased(), path.replacing("{id}", with: "nobody"), scope)
    }

  @Test func everyRouteSaysWhatItDemands() throws {
    #expect(OpenAPIDocument.withoutAccess(ServiceLimits()).isEmpty)
    // And what is open to all is known here, so that nothing becomes open unseen.
    let open = Contract.shared.operations.filter {
      $0.operation["security"]?.elements?.isEmpty == true
    }
    #expect(
      Set(open.map { "\($0.method) \($0.path)" }) == [
        "get /", "get /healthz", "get /readyz", "get /version", "get /openapi.json",
        "get /v1/solvers", "get /v1/measurements", "get /v1/noises", "get /v1/layers",
        "get /v2", "get /v2/health/live", "get /v2/health/ready",
      ])
    #expect(Self.demands.count + open.count == Contract.shared.operations.count)
    #expect(Set(Self.demands.map(\.scope)) == Set(Scope.allCases))
  }

  @Test func withoutATokenOnlyWhatIsOpenAnswers() throws {
    try withGuardedService { guarded in
      for (method, path, _) in Self.demands {
        let answer = try guarded.client.send(method, path)
        #expect(answer.status == 401 && answer.code == "unauthorized", "\(method) \(path)")
        // Without an error code, as nothing was tried [RFC 6750, section 3.1].
        #expect(answer.fields["www-authenticate"] == "Bearer realm=\"preimage\"")
        #expect(answer.fields["cache-control"] == "no-store")
      }
      for path in ["/metrics", "/v1/generators", "/v1/inversions/nobody/latent"] {
        #expect(try guarded.client.send("HEAD", path).status == 401, "\(path)")
      }
      for path in ["/healthz", "/readyz", "/version", "/openapi.json", "/", "/v1/solvers"] {
        #expect(try guarded.client.get(path).status == 200, "\(path)")
      }
    }
  }

  @Test func aTokenOpensWhatItsScopesSayAndNothingElse() throws {
    try withGuardedService { guarded in
      for scope in Scope.allCases {
        let client = try guarded.guest([scope])
        for (method, path, needed) in Self.demands {
          let answer = try client.send(method, path)
          if scope == needed || scope == .admin {
            #expect(answer.status != 401 && answer.status != 403, "\(scope) \(method) \(path)")
          } else {
            #expect(answer.status == 403 && answer.code == "insufficient_scope")
            let challenge = answer.fields["www-authenticate"] ?? ""
            #expect(challenge.contains("error=\"insufficient_scope\""))
            #expect(challenge.contains("scope=\"\(needed.rawValue)\""), "\(challenge)")
          }
        }
      }
    }
  }

  @Test func whatIsNoTokenOfThisServiceIsRefused() throws {
    try withGuardedService { guarded in
      let good = try guarded.token([.admin]).text
      let stranger = AccessToken().text
      let last = good.hasSuffix("0") ? "1" : "0"
      for value in [
        "Bearer", "Bearer x", "Basic dXNlcjpwYXNz", good, "Bearer \(good)x", "Bearer \(stranger)",
        "Bearer \(good.dropLast())\(last)", "Bearer \(good.uppercased())",
        "Bearer \(good), Bearer \(good)",
      ] {
        let answer = try guarded.client.get("/v1/generators", fields: ["Authorization": value])
        #expect(answer.status == 401 && answer.code == "invalid_token", "\(value)")
        #expect(answer.fields["www-authenticate"]?.contains("error=\"invalid_token\"") == true)
        #expect(!answer.text.contains(good.suffix(20)) && !answer.text.contains("dXNlcjp"))
      }
      for value in ["Bearer \(good)", "bearer \(good)", "BEARER   \(good) "] {
        let answer = try guarded.client.get("/v1/generators", fields: ["Authorization": value])
        #expect(answer.status == 200, "\(value)")
      }
    }
  }

  @Test func aTokenInTheQueryIsNotRead() throws {
    try withGuardedService { guarded in
      let token = try guarded.token([.admin]).text
      #expect(try guarded.client.get("/metrics?access_token=\(token)").status == 401)
    }
  }

  @Test func aTokenEndsWhenItIsRevokedOrItsTimeIsOver() throws {
    try withGuardedService { guarded in
      let token = try guarded.token([.inversionsRead])
      var client = guarded.client
      client.token = token.text
      #expect(try client.get("/v1/generators").status == 200)
      try guarded.revoke(token)
      let answer = try client.get("/v1/generators")
      #expect(answer.status == 401 && answer.code == "invalid_token")
      let ended = try guarded.guest([.inversionsRead], expiresAt: Date(timeIntervalSinceNow: -1))
      #expect(try ended.get("/v1/generators").status == 401)
      let lasting = try guarded.guest(
        [.inversionsRead], expiresAt: Date(timeIntervalSinceNow: 900))
      #expect(try lasting.get("/v1/generators").status == 200)
    }
  }

  @Test func aTokenIsRememberedForAsLongAsIsSaidAndNewOnesWorkAtOnce() throws {
    try withGuardedService {
      $0.access.tokenMemorySeconds = 3600
    } _: { guarded in
      let token = try guarded.token([.inversionsRead])
      var client = guarded.client
      client.token = token.text
      #expect(try client.get("/v1/generators").status == 200)
      try guarded.revoke(token)
      #expect(try client.get("/v1/generators").status == 200)
      // What is remembered is of that token only, not of its id.
      client.token = String(token.text.dropLast()) + (token.text.hasSuffix("0") ? "1" : "0")
      #expect(try client.get("/v1/generators").status == 401)
    }
  }

  @Test func anAddressMayTrySomeTokensInVain() throws {
    try withGuardedService {
      $0.access.failuresPerMinute = 3
    } _: { guarded in
      func trial(_ client: ServiceClient) throws -> Answer {
        var client = client
        client.token = AccessToken().text
        return try client.get("/v1/generators")
      }
      for _ in 0..<3 { #expect(try trial(guarded.client).status == 401) }
      let refused = try trial(guarded.client)
      #expect(refused.status == 429 && refused.code == "too_many_failures")
      #expect((1...20).contains(refused.fields["retry-after"].flatMap { Int($0) } ?? 0))
      // Whoever brings none is told to, as before.
      #expect(try guarded.client.get("/v1/generators").status == 401)
    }
    try withGuardedService {
      $0.access.failuresPerMinute = 3
      $0.access.tokenMemorySeconds = 3600
      $0.access.proxies = TrustedProxies { $0 == "127.0.0.1" }
    } _: { guarded in
      let known = try guarded.guest([.inversionsRead])
      #expect(try known.get("/v1/generators").status == 200)
      var stranger = guarded.client
      stranger.token = AccessToken().text
      for status in [401, 401, 401, 429] {
        #expect(try stranger.get("/v1/generators").status == status)
      }
      // A token that is remembered still works, and so do others from elsewhere.
      #expect(try known.get("/v1/generators").status == 200)
      let other = try guarded.guest([.inversionsRead])
      let elsewhere = try other.get("/v1/generators", fields: ["X-Forwarded-For": "192.0.2.1"])
      #expect(elsewhere.status == 200)
    }
  }

  @Test func anUploadIsRefusedBeforeItIsSent() throws {
    try withGuardedService { guarded in
      let reader = try guarded.guest([.inversionsRead])
      for (client, status) in [(guarded.client, 401), (reader, 403)] {
        // Nothing of the body follows: whoever waited for it would wait for ever.
        let answer = try client.send(
          "POST", "/v1/generators",
          fields: ["Expect": "100-continue", "Content-Length": "1000000000"])
        #expect(answer.status == status)
      }
    }
  }

  @Test func withoutTokensEverythingIsOpenOnLoopback() throws {
    try withService { _, client in
      #expect(try client.get("/metrics").status == 200)
      let document = try client.get("/openapi.json").json()
      let read = document["paths"]?["/v1/generators"]?["get"]?["security"]
      #expect(read == [[:], ["bearer": ["inversions:read"]]])
    }
    try withGuardedService { guarded in
      let document = try guarded.client.get("/openapi.json").json()
      let read = document["paths"]?["/v1/generators"]?["get"]?["security"]
      #expect(read == [["bearer": ["inversions:read"]]])
    }
  }

  @Test func aServerThatOthersReachNeedsATokenUnlessToldOtherwise() throws {
    for host in ["0.0.0.0", "::"] {
      #expect(throws: AccessRefusal.self) {
        try withService {
          $0.server.host = host
        } _: { _, _ in
        }
      }
    }
    #expect(throws: AccessRefusal.self) {
      try withService {
        $0.server.host = "0.0.0.0"
        $0.access.requirement = .always
      } _: { _, _ in
      }
    }
    try withService {
      $0.server.host = "0.0.0.0"
      $0.access.requirement = .never
    } _: { _, client in
      let here = ServiceClient(address: SocketAddress(host: "127.0.0.1", port: client.address.port))
      let answer = try here.get("/v1/generators")
      #expect(answer.status == 200)
    }
    try withService {
      $0.server.host = "0.0.0.0"
      let token = AccessToken()
      try? TokenStore.withStore(at: $0.databasePath) {
        try $0.insert(
          StoredToken(
            id: token.id, digest: token.digest, client: "", scopes: ["admin"], createdAt: Date()))
      }
    } _: { _, client in
      let here = ServiceClient(address: SocketAddress(host: "127.0.0.1", port: client.address.port))
      let answer = try here.get("/v1/generators")
      #expect(answer.status == 401)
    }
  }

  @Test func aServerBehindAProxyNeedsTokensOnLoopbackToo() throws {
    try withService {
      $0.access.proxies = TrustedProxies { $0 == "127.0.0.1" }
    } _: { _, client in
      let (list, probe) = (try client.get("/v1/generators"), try client.get("/healthz"))
      #expect(list.status == 401 && probe.status == 200)
    }
  }

  @Test func pagesOfOtherSitesChangeNothing() throws {
    try withService { _, client in
      for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let answer = try client.send("DELETE", "/v1/generators/x", fields: ["Origin": origin])
        #expect(answer.status == 403 && answer.code == "cross_site_request", "\(origin)")
      }
      let own = try client.send(
        "DELETE", "/v1/generators/x", fields: ["Origin": "http://\(client.address)"])
      #expect(own.status == 404)
      let read = try client.get("/v1/generators", fields: ["Origin": "http://evil.example"])
      #expect(read.status == 200)
      #expect(read.fields.keys.allSatisfy { !$0.hasPrefix("access-control-") })
    }
  }
}
