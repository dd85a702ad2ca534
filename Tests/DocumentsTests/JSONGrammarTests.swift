import Documents
import Testing

/// RFC 8259 as a table: what is JSON, what it means, and what is not JSON.
@Suite struct JSONGrammarTests {
  static let accepted: [(text: String, value: JSONValue)] = [
    ("null", .null), ("true", .bool(true)), ("false", .bool(false)),
    (" \t\r\n null \t\r\n ", .null),
    ("0", 0), ("-0", 0), ("1", 1), ("-1", -1), ("10", 10), ("123456789", 123_456_789),
    ("0.5", 0.5), ("-0.5", -0.5), ("1.0", 1), ("1.50", 1.5), ("0e0", 0), ("0E+1", 0),
    ("1e3", 1000), ("1E3", 1000), ("1e+3", 1000), ("1e-3", 0.001), ("1.25e2", 125),
    ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", 0), ("0e99999999999999999999", 0),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
    ("9007199254740993", 9_007_199_254_740_992),
    ("\"\"", ""), ("\"a\"", "a"), ("\"a b\"", "a b"), ("\"\\\"\"", "\""), ("\"\\\\\"", "\\"),
    ("\"\\/\"", "/"), ("\"/\"", "/"), ("\"\\b\\f\\n\\r\\t\"", "\u{8}\u{C}\n\r\t"),
    ("\"\\u0041\"", "A"), ("\"\\u00e9\"", "é"), ("\"\\u00E9\"", "é"), ("\"é\"", "é"),
    ("\"\\u0000\"", "\0"), ("\"\\uD83D\\uDE00\"", "😀"), ("\"\\ud83d\\ude00x\"", "😀x"),
    ("\"😀\"", "😀"), ("\"\u{7F}\"", "\u{7F}"), ("\"\\uFFFF\"", "\u{FFFF}"),
    ("\"\\uDBFF\\uDFFF\"", "\u{10FFFF}"), ("\"\u{2028}\"", "\u{2028}"),
    ("[]", .numbers([])), ("[ ]", .numbers([])), ("[1]", .numbers([1])),
    ("[1,2]", .numbers([1, 2])), ("[ 1 , 2 ]", .numbers([1, 2])), ("[[]]", .array([.numbers([])])),
    ("[-1.5e1]", .numbers([-15])),
    ("[1,\"a\"]", .array([1, "a"])), ("[null,1]", .array([nil, 1])),
    ("[1,2,true,3]", .array([1, 2, true, 3])), ("[{}]", .array([.object([:])])),
    ("{}", .object([:])), ("{ }", .object([:])), ("{\"a\":1}", ["a": 1]),
    ("{ \"a\" : 1 , \"b\" : [2] }", ["a": 1, "b": [2]]), ("{\"\":null}", ["": nil]),
    ("{\"a\":{\"a\":{}}}", ["a": ["a": .object([:])]]), ("{\"\\u0061\":1}", ["a": 1]),
    ("{\"b\":1,\"a\":2}", ["b": 1, "a": 2]),
  ]

  static let refused: [String] = [
    "", " ", "nul", "nulll", "True", "NULL", "undefined", "NaN", "Infinity", "-Infinity", "-inf",
    "+1", "-", "--1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-",
    "1ee1", "1e1.5", "0x10", "1_000", "1,000", "1 2", "1a", "1e400", "-1e400", "1e99999999999",
    "\"", "\"a", "'a'", "a", "\"\\\"", "\"\\x41\"", "\"\\a\"", "\"\\u\"", "\"\\u12\"",
    "\"\\u12G4\"", "\"\\u+123\"", "\"\\U0041\"", "\"\n\"", "\"\t\"", "\"\0\"", "\"\u{1F}\"",
    "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\u0041\"", "\"\\uD800\\uD800\"", "\"\\uD800x\"",
    "\"\\uD83D\\\"",
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1}", "[\"a\",]", "[\"a\"",
    "[1]]", "[1]1", "[a]", "[-]", "[1,-]", "[01]",
    "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\" 1}",
    "{\"a\":}", "{\"a\"}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{\"a\":1 \"b\":2}",
    "{\"a\":1]", "{\"a\"::1}", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":1}",
    "// a\n1", "/* */1", "1 // a", "#\n1", "\u{FEFF}1", "\u{A0}1", "1\u{B}", "1\u{C}", "1\0",
  ]

  @Test func acceptsWhatIsJSON() throws {
    for (text, value) in Self.accepted {
      #expect(try JSONParser().parse(text) == value, "\(text)")
    }
  }

  @Test func refusesWhatIsNot() {
    for text in Self.refused {
      #expect(throws: JSONSyntaxError.self, "\(text.debugDescription)") {
        try JSONParser().parse(text)
      }
    }
    #expect(Self.accepted.count + Self.refused.count >= 160)
  }

  @Test func refusesInvalidUTF8() {
    let sequences: [[UInt8]] = [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xC3],
      [0xE2, 0x82], [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0xFE], [0xFF],
    ]
    for sequence in sequences {
      #expect(throws: JSONSyntaxError.self, "\(sequence)") {
        try JSONParser().parse([0x22] + sequence + [0x22])
      }
      #expect(throws: JSONSyntaxError.self) { try JSONParser().parse(sequence) }
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let text = Array(#"{"a":[1,-2.5e1,"x\u00e9"],"b":{"c":[null,true,[]]},"d":"é😀"}"#.utf8)
    _ = try JSONParser().parse(text)
    for count in 0..<text.count {
      #expect(throws: JSONSyntaxError.self, "\(count)") {
        try JSONParser().parse(Array(text.prefix(count)))
      }
    }
  }

  /// Whatever a byte becomes: an answer, and what is accepted is written and read as the same.
  @Test func corruptionNeverCrashes() throws {
    let text = Array(#"{"a":[1,-2.5e1,"x\u00e9"],"b":{"c":[null,true,[]]},"d":"é"}"#.utf8)
    for place in text.indices {
      for byte in UInt8.min...UInt8.max {
        var damaged = text
        damaged[place] = byte
        guard let value = try? JSONParser().parse(damaged) else { continue }
        #expect(try JSONParser().parse(JSONWriter.bytes(of: value)) == value)
      }
    }
  }

  @Test func depthIsLimitedOnBothSides() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      func nested(_ depth: Int) -> String {
        String(repeating: open, count: depth) + (open == "[" ? "" : "1")
          + String(repeating: close, count: depth)
      }
      _ = try JSONParser().parse(nested(64))
      #expect(throws: JSONSyntaxError.self) { try JSONParser().parse(nested(65)) }
      _ = try JSONParser(depthMax: 2).parse(nested(2))
      #expect(throws: JSONSyntaxError.self) { try JSONParser(depthMax: 2).parse(nested(3)) }
    }
    _ = try JSONParser(depthMax: 0).parse("1")
    #expect(throws: JSONSyntaxError.self) { try JSONParser(depthMax: 0).parse("[]") }
    // Far beyond the limit: refused without recursion that deep.
    #expect(throws: JSONSyntaxError.self) {
      try JSONParser().parse(String(repeating: "[", count: 1_000_000))
    }
  }

  @Test func errorsNameTheByte() {
    func error(_ text: String) -> JSONSyntaxError? {
      #expect(throws: JSONSyntaxError.self) { try JSONParser().parse(text) }
    }
    #expect(error("[1, x]")?.offset == 4)
    #expect(error("[1")?.description == "unexpected end of the text at byte 2")
    #expect(error("{\"a\":1,\"a\":2}")?.detail == "the member \"a\" is named twice")
    #expect(error("[1e999]")?.offset == 1)
    #expect(error("1 1")?.detail == "unexpected text after the value")
  }

  @Test func membersKeepTheirOrder() throws {
    let value = try JSONParser().parse("{\"z\":1,\"a\":2,\"m\":3}")
    #expect(value.object?.members.map(\.key) == ["z", "a", "m"])
  }

  @Test func accessorsAnswerForTheirOwnKindAlone() {
    let values: [JSONValue] = [nil, true, 1, "a", [1], ["a"], ["a": 1]]
    #expect(values.map { $0.number != nil } == [false, false, true, false, false, false, false])
    #expect(values.map { $0.string != nil } == [false, false, false, true, false, false, false])
    #expect(values.map { $0.numbers != nil } == [false, false, false, false, true, false, false])
    #expect(values.map { $0.elements != nil } == [false, false, false, false, true, true, false])
    #expect(values.map { $0.object != nil } == [false, false, false, false, false, false, true])
    #expect(
      values.map(\.kindName) == [
        "null", "a boolean", "a number", "a string", "an array", "an array", "an object",
      ])
  }

  @Test func assigningMembersKeepsTheirPlaces() {
    var object: JSONObject = ["a": 1, "b": 2, "c": 3]
    object["b"] = 4
    object["d"] = 5
    object["a"] = nil
    object["e"] = nil
    #expect(object == ["b": 4, "c": 3, "d": 5])
    #expect(object != ["c": 3, "b": 4, "d": 5])
  }
}
