import Documents
import Testing

/// Every refusal of an object's member names it by its pointer, what it is, and what it should be.
@Suite struct ObjectReaderTests {
  private func reader(_ text: String, pointer: String = "/at") throws -> ObjectReader {
    try ObjectReader(try JSONParser().parse(text), pointer: pointer)
  }

  /// The only field of the error that `body` throws, as "pointer: detail".
  private func complaint(
    _ text: String, _ body: (ObjectReader) throws -> Void
  ) -> String? {
    do {
      try body(try reader(text))
      return nil
    } catch let error as DocumentError {
      #expect(error.kind == .malformed)
      #expect(error.fields.count == 1)
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  @Test func readsEveryKind() throws {
    let reader = try reader(
      """
      {"s": "x", "b": true, "n": 1.5, "i": 3, "ns": [1, 2.5], "is": [1, 2], "o": {"k": 1},
       "os": [{"k": 1}, {"k": 2}], "none": null}
      """)
    #expect(try reader.string("s") == "x")
    #expect(try reader.requiredString("s") == "x")
    #expect(try reader.bool("b") == true)
    #expect(try reader.number("n", in: 0...2) == 1.5)
    #expect(try reader.integer("i", in: 0...3) == 3)
    #expect(try reader.numbers("ns") == [1, 2.5])
    #expect(try reader.integers("is", in: 1...2, counts: 2...2) == [1, 2])
    #expect(try reader.requiredObject("o").integer("k", in: 0...9) == 1)
    #expect(try reader.object("o")?.pointer == "/at/o")
    #expect(try reader.objects("os")?.map(\.pointer) == ["/at/os/0", "/at/os/1"])
    #expect(reader.value("none") == nil)
    #expect(!reader.has("none") && !reader.has("absent") && reader.has("s"))
    try reader.finish()
  }

  @Test func absentAndNullAreNil() throws {
    for text in ["{}", #"{"a": null}"#] {
      let reader = try reader(text)
      #expect(try reader.string("a") == nil)
      #expect(try reader.bool("a") == nil)
      #expect(try reader.number("a", in: 0...1) == nil)
      #expect(try reader.integer("a", in: 0...1) == nil)
      #expect(try reader.numbers("a") == nil)
      #expect(try reader.integers("a", in: 0...1, counts: 0...1) == nil)
      #expect(try reader.object("a") == nil)
      #expect(try reader.objects("a") == nil)
      try reader.finish()
    }
    #expect(complaint("{}") { _ = try $0.required("a") } == "/at/a: is missing")
    #expect(complaint("{}") { _ = try $0.requiredString("a") } == "/at/a: is missing")
    #expect(complaint(#"{"a": null}"#) { _ = try $0.requiredObject("a") } == "/at/a: is missing")
  }

  @Test func wrongKindsAreNamed() {
    #expect(complaint(#"{"a": 1}"#) { _ = try $0.string("a") } == "/at/a: is 1; expected a string")
    #expect(
      complaint(#"{"a": "x"}"#) { _ = try $0.bool("a") }
        == "/at/a: is the string \"x\"; expected true or false")
    #expect(
      complaint(#"{"a": true}"#) { _ = try $0.number("a", in: 0...1) }
        == "/at/a: is true; expected a number")
    #expect(
      complaint(#"{"a": 1.5}"#) { _ = try $0.integer("a", in: 0...9) }
        == "/at/a: is 1.5; expected an integer")
    #expect(
      complaint(#"{"a": 1e300}"#) { _ = try $0.integer("a", in: 0...9) }
        == "/at/a: is 1e+300; expected an integer")
    #expect(
      complaint(#"{"a": [1, "x"]}"#) { _ = try $0.numbers("a") }
        == "/at/a: is an array; expected an array of numbers")
    #expect(
      complaint(#"{"a": [1]}"#) { _ = try $0.object("a") }
        == "/at/a: is an array; expected an object")
    #expect(
      complaint(#"{"a": {}}"#) { _ = try $0.objects("a") }
        == "/at/a: is an object; expected an array of objects")
    #expect(
      complaint(#"{"a": [{}, 1]}"#) { _ = try $0.objects("a") }
        == "/at/a/1: is a number; expected an object")
    #expect(
      complaint(#"{"a": [1, 2.5]}"#) { _ = try $0.integers("a", in: 0...9, counts: 0...9) }
        == "/at/a/1: is 2.5; expected an integer, 0 to 9")
    #expect(
      complaint(#"{"a": [1, 2]}"#) { _ = try $0.integers("a", in: 0...9, counts: 3...3) }
        == "/at/a: has 2 elements; expected 3")
    #expect(throws: DocumentError.malformed("/x", "is null; expected an object")) {
      try ObjectReader(.null, pointer: "/x")
    }
  }

  @Test func rangesAreClosedOnBothSides() throws {
    for (text, isWithin) in [("0", true), ("2", true), ("-1", false), ("3", false)] {
      let complaint = complaint(#"{"a": \#(text)}"#) { _ = try $0.integer("a", in: 0...2) }
      #expect(complaint == (isWithin ? nil : "/at/a: is \(text); expected 0 to 2"))
    }
    for (text, isWithin) in [("0.5", true), ("1.5", true), ("0.49", false), ("1.51", false)] {
      let complaint = complaint(#"{"a": \#(text)}"#) { _ = try $0.number("a", in: 0.5...1.5) }
      #expect(complaint == (isWithin ? nil : "/at/a: is \(text); expected 0.5 to 1.5"))
    }
    for (count, isWithin) in [(1, false), (2, true), (4, true), (5, false)] {
      let list = Array(repeating: "7", count: count).joined(separator: ",")
      let complaint = complaint(#"{"a": [\#(list)]}"#) {
        _ = try $0.integers("a", in: 7...7, counts: 2...4)
      }
      #expect(complaint == (isWithin ? nil : "/at/a: has \(count) elements; expected 2 to 4"))
    }
  }

  @Test func unknownFieldsAreAllNamed() throws {
    let reader = try reader(#"{"a": 1, "b": 2, "c": 3, "d": null}"#)
    _ = reader.value("b")
    _ = reader.value("e")
    #expect(throws: (any Error).self) { try reader.finish() }
    do throws(DocumentError) {
      try reader.finish()
    } catch {
      #expect(error.fields.map(\.pointer) == ["/at/a", "/at/c", "/at/d"])
      #expect(error.fields[0].detail == "unknown field; known here: b, e")
    }
  }

  @Test func manyUnknownFieldsAreCounted() throws {
    for (count, fields) in [(16, 16), (17, 17), (1000, 17)] {
      var object = JSONObject()
      for place in 0..<count { object["x\(place)"] = 1 }
      let reader = try ObjectReader(.object(object))
      do throws(DocumentError) {
        try reader.finish()
        Issue.record("unknown fields were accepted")
      } catch {
        #expect(error.fields.count == fields)
        #expect(count == 16 || error.fields[16].detail == "has \(count - 16) more unknown fields")
      }
    }
  }

  @Test func pointersAreEscaped() throws {
    let reader = try reader("{}", pointer: "")
    #expect(reader.pointer(to: "a/b") == "/a~1b")
    #expect(reader.pointer(to: "a~b") == "/a~0b")
    #expect(reader.pointer(to: "~1") == "/~01")
    #expect(reader.pointer(to: "") == "/")
    #expect(reader.pointer(to: "/~/") == "/~1~0~1")
    // A slash under a combining mark is still a slash.
    #expect(reader.pointer(to: "/\u{301}") == "/~1\u{301}")
  }

  @Test func errorsTellTheirKind() throws {
    let reader = try reader("{}")
    #expect(reader.unprocessable("a", "x") == DocumentError.unprocessable("/at/a", "x"))
    #expect(reader.malformed("a", "x").kind == .malformed)
    #expect(DocumentError.malformed("", "x").description == "x")
    let both = DocumentError(
      kind: .malformed,
      fields: [.init(pointer: "/a", detail: "x"), .init(pointer: "/b", detail: "y")])
    #expect(both.description == "/a: x; /b: y")
  }
}
