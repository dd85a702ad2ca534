import Documents
import Testing

/// Objects written member by member, with stored objects taken in.
struct JSONObjectWriterTests {
  private func text(_ write: (inout JSONObjectWriter) -> Void) -> String {
    var writer = JSONObjectWriter()
    write(&writer)
    return String(decoding: writer.finish(), as: UTF8.self)
  }

  @Test func anObjectIsItsMembersInOrder() {
    #expect(text { _ in } == "{}")
    let written = text {
      $0.add("a", 1)
      $0.add("b\"", text: Array("[1, 2]".utf8))
      $0.add("c", text: nil)
      $0.add("d", numbers: [0.5, .nan])
    }
    #expect(written == #"{"a":1,"b\"":[1, 2],"c":null,"d":[0.5,null]}"#)
  }

  @Test(arguments: ["{}", "{ }", "{\n\t}", " {} ", " { \r\n } "])
  func anEmptyObjectAddsNothing(object: String) throws {
    let written = text {
      $0.add("a", 1)
      $0.addMembers(ofObject: Array(object.utf8))
      $0.add("b", 2)
    }
    #expect(try JSONParser().parse(written) == ["a": 1, "b": 2], "\(written)")
    #expect(try JSONParser().parse(text { $0.addMembers(ofObject: Array(object.utf8)) }) == [:])
  }

  @Test(arguments: [#"{"x":{"y":[]},"z":"}"}"#, " { \"x\": {\"y\": []} , \"z\": \"}\" } \n"])
  func theMembersOfAnObjectAreTakenIn(object: String) throws {
    let written = text {
      $0.addMembers(ofObject: Array(object.utf8))
      $0.add("b", 2)
    }
    #expect(try JSONParser().parse(written) == ["x": ["y": []], "z": "}", "b": 2], "\(written)")
  }
}
