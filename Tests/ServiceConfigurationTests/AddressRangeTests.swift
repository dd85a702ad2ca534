import ServiceConfiguration
import Testing

/// Ranges of addresses, as trusted proxies are named.
struct AddressRangeTests {
  @Test(
    arguments: [
      (
        "10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"],
        ["11.0.0.0", "9.255.255.255"]
      ),
      ("192.0.2.7", ["192.0.2.7"], ["192.0.2.6", "192.0.2.8"]),
      ("172.16.0.0/12", ["172.16.0.1", "172.31.255.255"], ["172.32.0.0", "172.15.255.255"]),
      ("0.0.0.0/0", ["1.2.3.4", "255.255.255.255"], ["2001:db8::1"]),
      ("::/0", ["::1", "10.0.0.1"], []), ("::1", ["::1"], ["::2", "127.0.0.1"]),
      ("2001:db8::/33", ["2001:db8:7fff::1"], ["2001:db8:8000::1", "2001:db9::"]),
    ])
  func contain(text: String, inside: [String], outside: [String]) throws {
    let range = try #require(AddressRange(text))
    for host in inside { #expect(range.contains(host), "\(host)") }
    for host in outside + ["", "localhost", "10.0.0", "10.0.0.1:80", "[::1]"] {
      #expect(!range.contains(host), "\(host)")
    }
    #expect(range.description == text)
  }

  @Test(
    arguments: [
      "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/+8", "10.0.0.0/08x", "::/129",
      "10.0.0", "localhost", "2001:db8::1/32", "10.0.0.0/8/8",
    ])
  func refuse(text: String) {
    #expect(AddressRange(text) == nil)
  }

  @Test func listsAreReadWholeOrNotAtAll() throws {
    func load(_ text: String) throws -> [AddressRange] {
      try SettingsLoader(environment: ["PREIMAGE_HTTP_TRUSTED_PROXIES": text]).load().settings.http
        .trustedProxies
    }
    #expect(try load("none").isEmpty)
    #expect(try load("10.0.0.0/8, ::1").map(\.description) == ["10.0.0.0/8", "::1"])
    for text in ["10.0.0.0/8,", ",", "10.0.0.0/8 ::1", "all"] {
      #expect(throws: ConfigurationError.self, "\(text)") { try load(text) }
    }
  }
}
