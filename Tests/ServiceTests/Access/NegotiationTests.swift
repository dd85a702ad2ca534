import Documents
import Service
import Testing

/// Content negotiation: what no answer can be is refused before anything is done.
struct NegotiationTests {
  /// Operations whose answers `Accept` alone chooses from, with a path that names nothing.
  private static let negotiating: [(method: String, path: String)] =
    Contract.shared.operations.compactMap { path, method, operation in
      let parameters = operation["parameters"]?.elements ?? []
      guard operation["responses"]?["406"] != nil,
        !parameters.contains(where: { $0["name"] == "format" })
      else { return nil }
      return (method.uppercased(), path.replacing("{id}", with: "nobody"))
    }

  @Test func whatIsNotOfferedIsRefusedWhateverElseIsWrong() throws {
    #expect(Self.negotiating.count > 15)
    try withService { _, client in
      for (method, path) in Self.negotiating {
        for accept in ["application/x-nothing", "*/*;q=0", "image/webp, text/css"] {
          let answer = try client.send(method, path, fields: ["Accept": accept])
          #expect(answer.status == 406 && answer.code == "not_acceptable", "\(method) \(path)")
        }
        for accept in ["*/*", "application/x-nothing, */*;q=0.1"] {
          let answer = try client.send(method, path, fields: ["Accept": accept])
          #expect(answer.status != 406, "\(method) \(path)")
        }
      }
    }
  }

  @Test func whoMayNotAskIsToldThatFirst() throws {
    try withGuardedService { guarded in
      for (method, path) in Self.negotiating {
        let answer = try guarded.client.send(
          method, path, fields: ["Accept": "application/x-nothing"])
        #expect(answer.status == 401, "\(method) \(path)")
      }
      let client = try guarded.guest([.inversionsRead])
      let path = "/v1/inversions"
      #expect(try client.get(path, fields: ["Accept": "text/html"]).code == "not_acceptable")
      #expect(try client.get(path, fields: ["Accept": "application/*"]).status == 200)
    }
  }

  @Test func probesAreAnsweredWhateverTheyAccept() throws {
    try withService { _, client in
      for path in ["/healthz", "/readyz", "/version"] {
        let answer = try client.get(path, fields: ["Accept": "image/png"])
        #expect(answer.status == 200, "\(path)")
      }
    }
  }
}
