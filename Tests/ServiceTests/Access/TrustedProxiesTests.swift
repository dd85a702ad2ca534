import HTTP
import HTTPTypes
import Service
import Testing

/// Where a request came from, when proxies stand between.
struct TrustedProxiesTests {
  /// The peer of a request made here is 127.0.0.1.
  private static let proxies = TrustedProxies { $0 == "127.0.0.1" || $0.hasPrefix("10.") }

  private func address(
    _ fields: [(String, String)], _ proxies: TrustedProxies = proxies
  ) throws -> String {
    var made = HTTPFields()
    for (name, value) in fields {
      made.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
    }
    return proxies.address(of: try Request(.get, "/", fields: made))
  }

  @Test func nobodysWordIsTakenWhoIsNotTrusted() throws {
    let said = [("X-Forwarded-For", "192.0.2.1"), ("Forwarded", "for=192.0.2.2")]
    #expect(try address(said, TrustedProxies()) == "127.0.0.1")
    #expect(try address(said, TrustedProxies { $0 == "10.0.0.1" }) == "127.0.0.1")
    #expect(try address([]) == "127.0.0.1")
  }

  @Test func theNearestHopThatIsNotAProxyIsTheClient() throws {
    #expect(try address([("X-Forwarded-For", "192.0.2.1")]) == "192.0.2.1")
    #expect(try address([("X-Forwarded-For", "6.6.6.6, 192.0.2.1, 10.0.0.7")]) == "192.0.2.1")
    #expect(
      try address([("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "192.0.2.1")]) == "192.0.2.1"
    )
    #expect(try address([("X-Forwarded-For", "10.0.0.9, 10.0.0.7")]) == "10.0.0.9")
  }

  @Test(
    arguments: [
      ("for=192.0.2.43", "192.0.2.43"), ("For=\"[2001:DB8:cafe::17]:4711\"", "2001:db8:cafe::17"),
      ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
      ("proto=https; for=\"192.0.2.60:80\"", "192.0.2.60"),
      ("for=6.6.6.6, for=198.51.100.17", "198.51.100.17"),
      ("for=\"a,b\", for=198.51.100.17, for=10.1.1.1", "198.51.100.17"),
    ])
  func forwardedIsReadAsRFC7239SaysIt(field: String, expected: String) throws {
    #expect(try address([("Forwarded", field), ("X-Forwarded-For", "6.6.6.6")]) == expected)
  }

  @Test(
    arguments: [
      "for=unknown", "for=_hidden", "for=\"\"", "for", "", "proto=http", "for=192.0.2",
      "for=<script>", "for=1.2.3.4.5", "for=6.6.6.6, for=unknown",
    ])
  func aHopThatHidesEndsTheWalk(field: String) throws {
    #expect(try address([("Forwarded", field)]) == "127.0.0.1")
  }
}
