import Documents
import Service
import Testing

/// What browsers are told with every answer, refusals of the wire included.
struct SecurityFieldTests {
  @Test func everyAnswerForbidsSniffingFramingAndReading() throws {
    try withService { _, client in
      for (method, path) in [
        ("GET", "/healthz"), ("GET", "/"), ("GET", "/v1/generators"), ("GET", "/nowhere"),
        ("DELETE", "/healthz"), ("POST", "/v1/inversions"), ("GET", "/metrics"),
      ] {
        let fields = try client.send(method, path).fields
        #expect(fields["x-content-type-options"] == "nosniff", "\(method) \(path)")
        #expect(
          fields["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
        #expect(fields["referrer-policy"] == "no-referrer")
        #expect(fields["cross-origin-resource-policy"] == "same-origin")
        #expect(fields["access-control-allow-origin"] == nil)
        // TLS is the proxy's, and so is this.
        #expect(fields["strict-transport-security"] == nil)
      }
    }
  }

  @Test func whatATokenProtectsIsNotStored() throws {
    try withGuardedService { guarded in
      let client = try guarded.tenant("one")
      try client.uploadSmall()
      for path in ["/v1/generators", "/v1/generators/small/weights", "/v1/inversions/nobody"] {
        #expect(try client.get(path).fields["cache-control"] == "no-store", "\(path)")
      }
      #expect(try client.get("/v1/solvers").fields["cache-control"] == nil)
    }
  }
}
