import HTTP
import HTTPTypes
import Testing

/// What a parser made of some bytes, in a form that can be compared.
private func outcome(_ pieces: [[UInt8]], limits: ServerLimits = ServerLimits()) -> String {
  var parser = RequestParser(limits: limits)
  var seen: [UInt8] = []
  for piece in pieces {
    seen += piece
    // An offset in front shows that nothing depends on where the bytes are.
    let storage = [1, 2, 3] + seen
    switch parser.parse(storage, in: 3..<storage.count) {
    case .incomplete:
      continue
    case .head(let head, let byteCount):
      return "\(head.method.rawValue) \(head.pathText) \(head.framing) "
        + "1.\(head.minorVersion) \(head.control.keepsAlive) \(byteCount)"
    case .failure(let failure):
      return "\(failure.status.code) \(failure.code)"
    }
  }
  return "incomplete"
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// Heads that are accepted, with what was understood.
private let accepted: [(String, String)] = [
  ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / none 1.1 true"),
  ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / none 1.1 true"),
  ("GET / HTTP/1.0\r\n\r\n", "GET / none 1.0 false"),
  ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET / none 1.0 true"),
  ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", "GET / none 1.1 true"),
  ("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", "GET / none 1.1 false"),
  (
    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: keep-alive\r\n\r\n",
    "GET / none 1.1 false"
  ),
  ("GET /a%20b/%C3%A9 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a b/é none 1.1 true"),
  ("GET /a?x=1&y=%2F HTTP/1.1\r\nHost: a\r\n\r\n", "GET /a none 1.1 true"),
  ("GET /...%2e HTTP/1.1\r\nHost: a\r\n\r\n", "GET /.... none 1.1 true"),
  ("GET http://A:80/x HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET /x none 1.1 true"),
  ("GET http://a?q HTTP/1.1\r\nHost: a\r\n\r\n", "GET / none 1.1 true"),
  ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * none 1.1 true"),
  ("GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET / none 1.1 true"),
  ("GET / HTTP/1.1\r\nhOsT:a\r\n\r\n", "GET / none 1.1 true"),
  ("GET / HTTP/1.1\r\nHost: \t a \t\r\nX:\r\nY: \t\r\n\r\n", "GET / none 1.1 true"),
  ("GET / HTTP/1.1\r\nHost: a\r\nX: a\tb\u{e9}\r\n\r\n", "GET / none 1.1 true"),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n", "POST / length(5) 1.1 true"),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "POST / none 1.1 true"),
  ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\n", "POST / length(5) 1.1 true"),
  (
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999999999\r\n\r\n",
    "POST / length(999999999999999999) 1.1 true"
  ),
  (
    "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked \r\n\r\n", "PUT / chunked 1.1 true"
  ),
]

private let host = "Host: a\r\n"

/// Heads that are refused, with status and code.
private let refused: [(String, String)] = [
  ("GET /healthz HTTP/1.1\nHost: a\n\n", "400 bare_line_feed"),
  ("GET /healthz HTTP/1.1\rHost: a\r\r", "400 bare_carriage_return"),
  ("\n", "400 bare_line_feed"),
  ("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "400 empty_request_line"),
  ("GET  / HTTP/1.1\r\n", "400 bad_request_line"),
  (" GET / HTTP/1.1\r\n", "400 bad_request_line"),
  ("GET / HTTP/1.1 \r\n", "400 bad_version"),
  ("GET /  HTTP/1.1\r\n", "400 bad_version"),
  ("GET\t/x\tHTTP/1.1\r\n", "400 bad_request_line"),
  ("GET /x\r\n", "400 bad_request_line"),
  ("GET\r\n", "400 bad_request_line"),
  ("GET /a b HTTP/1.1\r\n", "400 bad_version"),
  ("PRI * HTTP/2.0\r\n", "505 unsupported_version"),
  ("GET / HTTP/0.9\r\n", "505 unsupported_version"),
  ("GET / HTTP/01.1\r\n", "400 bad_version"),
  ("GET / HTTP/1.10\r\n", "400 bad_version"),
  ("GET / HTTP/1\r\n", "400 bad_version"),
  ("GET / http/1.1\r\n", "400 bad_version"),
  ("GET / HTTP/1,1\r\n", "400 bad_version"),
  ("G=\":<>(e) / HTTP/1.1\r\n", "501 unknown_method|400 bad_request_line"),
  ("get / HTTP/1.1\r\n", "501 unknown_method"),
  ("GETT / HTTP/1.1\r\n", "501 unknown_method"),
  ("CONNECT a:80 HTTP/1.1\r\n", "501 unknown_method"),
  ("TRACK / HTTP/1.1\r\n", "501 unknown_method"),
  ("GET /x#f HTTP/1.1\r\n", "400 bad_target"),
  ("GET /x?a#f HTTP/1.1\r\n", "400 bad_target"),
  ("GET x HTTP/1.1\r\n", "400 bad_target"),
  ("GET * HTTP/1.1\r\n", "400 bad_target"),
  ("GET /\u{e9} HTTP/1.1\r\n", "400 bad_target"),
  ("GET /\" HTTP/1.1\r\n", "400 bad_target"),
  ("GET /a\\b HTTP/1.1\r\n", "400 bad_target"),
  ("GET https://a/ HTTP/1.1\r\n", "400 bad_target"),
  ("GET http:///x HTTP/1.1\r\n", "400 bad_target"),
  ("GET http://u@a/x HTTP/1.1\r\n", "400 bad_target"),
  ("GET /a\0b HTTP/1.1\r\n", "400 control_character"),
  ("GET /a\u{7f}b HTTP/1.1\r\n", "400 control_character"),
  ("GET /a%00b HTTP/1.1\r\n", "400 encoded_nul"),
  ("GET /a%2Fb HTTP/1.1\r\n", "400 encoded_slash"),
  ("GET /a%5cb HTTP/1.1\r\n", "400 encoded_slash"),
  ("GET /%c0%af HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /%ff HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /%ed%a0%80 HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /%zz HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /%2 HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /% HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /?a=%00 HTTP/1.1\r\n", "400 encoded_nul"),
  ("GET /?a=%g1 HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /?%ff=1 HTTP/1.1\r\n", "400 bad_percent_encoding"),
  ("GET /.. HTTP/1.1\r\n", "400 dot_segment"),
  ("GET /a/./b HTTP/1.1\r\n", "400 dot_segment"),
  ("GET /v1/%2e%2E/etc HTTP/1.1\r\n", "400 dot_segment"),
  ("GET /a/.%2e HTTP/1.1\r\n", "400 dot_segment"),
  ("GET / HTTP/1.1\r\n\r\n", "400 missing_host"),
  ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 repeated_host"),
  ("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", "400 repeated_host"),
  ("GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", "400 repeated_host"),
  ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: [::g]\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a%\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: \u{e9}\r\n\r\n", "400 bad_host"),
  ("GET / HTTP/1.1\r\nHost: a\0b\r\n", "400 control_character"),
  ("GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", "400 host_mismatch"),
  ("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n\r\n", "400 host_mismatch"),
  ("GET / HTTP/1.1\r\n\(host)X : y\r\n", "400 bad_field_name"),
  ("GET / HTTP/1.1\r\n\(host)X\t: y\r\n", "400 bad_field_name"),
  ("GET / HTTP/1.1\r\n\(host)X: y\r\n z\r\n", "400 folded_field"),
  ("GET / HTTP/1.1\r\n\(host)X: y\r\n\tz\r\n", "400 folded_field"),
  ("GET / HTTP/1.1\r\n X: y\r\n", "400 folded_field"),
  ("GET / HTTP/1.1\r\n\(host)Xy\r\n", "400 field_without_colon"),
  ("GET / HTTP/1.1\r\n\(host): y\r\n", "400 empty_field_name"),
  ("GET / HTTP/1.1\r\n\(host)X\u{e9}: y\r\n", "400 bad_field_name"),
  ("GET / HTTP/1.1\r\n\(host)X(: y\r\n", "400 bad_field_name"),
  ("GET / HTTP/1.1\r\n\(host)X: a\0b\r\n", "400 control_character"),
  ("GET / HTTP/1.1\r\n\(host)X: a\u{1}b\r\n", "400 control_character"),
  ("GET / HTTP/1.1\r\n\(host)X: a\u{7f}b\r\n", "400 control_character"),
  ("GET / HTTP/1.1\r\n\(host)X: a\rb\r\n", "400 bare_carriage_return"),
  ("GET / HTTP/1.1\r\n\(host)X: a\nb\r\n", "400 bare_line_feed"),
  ("GET / HTTP/1.1\r\n\(host)\n", "400 bare_line_feed"),
  ("GET / HTTP/1.1\r\n\(host)\rX", "400 bare_carriage_return"),
  ("POST / HTTP/1.1\r\n\(host)Transfer-\r\nEncoding: chunked\r\n", "400 field_without_colon"),
  ("\u{16}\u{3}\u{1}\u{2}", "400 control_character"),
]

private let badLengths = [
  "+5", "-5", "-0", "0x5", "1_0", "5,6", "5, 6", "5, 5", "5,5", "", " ", "5 6", "5;", "5.0", "1e1",
  "\u{661}", "18446744073709551621", "9223372036854775808", "1000000000000000000", "five", "\"5\"",
]

private let badCodings: [(String, Int)] = [
  ("gzip, chunked", 400), ("chunked, chunked", 400), ("chunked;a=b", 400), ("gzip", 501),
  ("identity", 501), ("", 400), (",chunked", 400), ("chunked,", 400), ("\"chunked\"", 400),
  ("chun\u{212a}ed", 400), ("\u{a0}chunked", 400), ("xchunked", 501), ("chunke", 501),
]

@Suite struct RequestParserTests {
  /// Whole, byte by byte, and in two pieces at every point.
  private func expectEverywhere(_ text: String, _ allowed: [String]) {
    let all = bytes(text)
    let whole = outcome([all])
    #expect(allowed.contains(whole), "\(text.debugDescription)")
    #expect(outcome(all.map { [$0] }) == whole, "byte by byte: \(text.debugDescription)")
    for split in 1..<max(2, all.count) {
      let pieces = [Array(all[..<split]), Array(all[split...])]
      #expect(outcome(pieces) == whole, "split at \(split): \(text.debugDescription)")
    }
  }

  @Test(arguments: accepted) func accepts(_ text: String, _ expected: String) {
    expectEverywhere(text, ["\(expected) \(text.utf8.count)"])
  }

  @Test(arguments: refused) func refuses(_ text: String, _ expected: String) {
    expectEverywhere(text, expected.split(separator: "|").map(String.init))
  }

  @Test(arguments: badLengths) func refusesLength(_ value: String) {
    expectEverywhere(
      "POST / HTTP/1.1\r\n\(host)Content-Length: \(value)\r\n\r\n", ["400 bad_content_length"])
  }

  @Test(arguments: ["5", "6"]) func refusesRepeatedLength(_ second: String) {
    expectEverywhere(
      "POST / HTTP/1.1\r\n\(host)Content-Length: 5\r\ncontent-length: \(second)\r\n\r\n",
      ["400 repeated_content_length"])
  }

  @Test(arguments: badCodings) func refusesCoding(_ value: String, _ status: Int) {
    let code = status == 501 ? "unknown_transfer_encoding" : "bad_transfer_encoding"
    expectEverywhere(
      "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: \(value)\r\n\r\n", ["\(status) \(code)"])
  }

  @Test func refusesConflictingFraming() {
    let length = "Content-Length: 5\r\n"
    let coding = "Transfer-Encoding: chunked\r\n"
    for fields in [length + coding, coding + length] {
      expectEverywhere("POST / HTTP/1.1\r\n\(host)\(fields)\r\n", ["400 conflicting_framing"])
    }
    expectEverywhere(
      "POST / HTTP/1.1\r\n\(host)\(coding)\(coding)\r\n", ["400 repeated_transfer_encoding"])
    expectEverywhere(
      "POST / HTTP/1.0\r\n\(host)\(coding)\r\n", ["400 transfer_encoding_in_1_0"])
  }

  @Test func keepsEveryLimitOnBothSides() {
    var limits = ServerLimits()
    limits.requestLineBytesMax = 20
    limits.headerBytesMax = 30
    limits.headerFieldsMax = 3
    func check(_ text: String, _ expected: String) {
      let all = bytes(text)
      #expect(outcome([all], limits: limits).hasPrefix(expected), "\(text.debugDescription)")
      #expect(outcome(all.map { [$0] }, limits: limits).hasPrefix(expected))
    }
    check("GET /567890 HTTP/1.1\r\nHost: a\r\n\r\n", "GET /567890")
    check("GET /5678901 HTTP/1.1\r\nHost: a\r\n\r\n", "414 request_line_too_long")
    // "Host: a" and its CRLF take 9 bytes, "X: " and its CRLF 5.
    let room = String(repeating: "x", count: 30 - 9 - 5)
    check("GET / HTTP/1.1\r\nHost: a\r\nX: \(room)\r\n\r\n", "GET /")
    check("GET / HTTP/1.1\r\nHost: a\r\nX: \(room)x\r\n\r\n", "431 header_too_large")
    check("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n", "GET /")
    check("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\n\r\n", "431 too_many_fields")
  }

  @Test func readsRequestAfterRequest() {
    let both = bytes("GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n")
    var parser = RequestParser(limits: ServerLimits())
    var start = 0
    var paths: [String] = []
    while start < both.count {
      guard case .head(let head, let byteCount) = parser.parse(both, in: start..<both.count) else {
        Issue.record("expected a head at \(start)")
        return
      }
      paths.append(head.pathText)
      start += byteCount
    }
    #expect(paths == ["/a", "/b"])
  }

  @Test func looksAtEachByteOnceHoweverSmallThePieces() {
    // 32 KiB in single bytes: quadratic work would be 500 million steps, some seconds.
    let filler = String(repeating: "X: \(String(repeating: "y", count: 490))\r\n", count: 64)
    let all = bytes("GET / HTTP/1.1\r\nHost: a\r\n\(filler)\r\n")
    var parser = RequestParser(limits: ServerLimits())
    let clock = ContinuousClock()
    var last = RequestParser.Outcome.incomplete
    let duration = clock.measure {
      for end in 1...all.count { last = parser.parse(all, in: 0..<end) }
    }
    if case .head(_, let byteCount) = last {
      #expect(byteCount == all.count)
    } else {
      Issue.record("expected a head")
    }
    #expect(duration < .seconds(1))
  }
}

@Suite struct RequestTests {
  @Test func decodesPathQueryAndFields() throws {
    let request = try Request(
      .get, "/v1/generators/caf%C3%A9/weights?name=a+b&name=%26&flag&&x=1=2",
      fields: [.accept: "a", .accept: "b"], pattern: "/v1/generators/{id}/weights")
    #expect(request.parameter("id") == "café")
    #expect(request.parameter("other") == nil)
    #expect(request.pathSegments == ["v1", "generators", "café", "weights"])
    #expect(
      request.queryItems == [
        QueryItem(name: "name", value: "a b"), QueryItem(name: "name", value: "&"),
        QueryItem(name: "flag", value: ""), QueryItem(name: "x", value: "1=2"),
      ])
    #expect(request.queryValue("name") == "a b")
    #expect(request.field(.accept) == "a, b")
    #expect(request.fields[.accept] == "a, b")
    #expect(request.field(.cookie) == nil)
    #expect(request.path == "/v1/generators/café/weights")
  }

  @Test func saneRequestIDs() {
    let longest = [UInt8](repeating: 0x61, count: 128)
    #expect(RequestID.isSane(longest[...]))
    #expect(!RequestID.isSane((longest + [0x61])[...]))
    #expect(!RequestID.isSane([]))
    for bad in ["a b", "a/b", "é", "a\"b"] { #expect(!RequestID.isSane(Array(bad.utf8)[...])) }
    let make = RequestID.generator(seed: 1)
    let made = (0..<10_000).map { _ in make() }
    #expect(Set(made).count == made.count)
    #expect(made.allSatisfy { RequestID.isSane(Array($0.utf8)[...]) })
  }

  @Test func byteSetsHoldWhatTheirGrammarsSay() {
    func members(_ set: ByteSet) -> String {
      String(decoding: (0...255).map(UInt8.init).filter(set.contains), as: UTF8.self)
    }
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    let alphanumeric = "0123456789" + letters + letters.lowercased()
    func expect(_ set: ByteSet, _ rest: String) {
      #expect(Set(members(set)) == Set(alphanumeric + rest))
    }
    expect(.token, "!#$%&'*+-.^_`|~")
    expect(.path, "-._~!$&'()*+,;=:@/%")
    expect(.registeredName, "-._~!$&'()*+;=%")
    expect(.requestID, "._-")
    expect(.query, "!$%&'()*+,-./:;=?@[\\]^_`{|}~")
  }

  @Test func datesAreFixed() {
    #expect(HTTPDate.text(unixSeconds: 0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    #expect(HTTPDate.text(unixSeconds: 784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(HTTPDate.text(unixSeconds: 951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
    #expect(HTTPDate.text(unixSeconds: 4_107_542_399) == "Sun, 28 Feb 2100 23:59:59 GMT")
  }
}
