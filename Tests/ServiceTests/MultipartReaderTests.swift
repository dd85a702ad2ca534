import HTTPTypes
import Service
import Testing

/// Forms read as they arrive, whatever pieces they arrive in.
struct MultipartReaderTests {
  private static let body = Array(
    [
      "--edge", "Content-Disposition: form-data; name=\"name\"", "", "shirts",
      "--edge", "content-disposition: form-data; filename=\"a;b.bin\"; name=weights",
      "Content-Type: application/octet-stream", "", "", "--edg", "-edge\r",
      "--edge", "Content-Disposition: form-data; name=\"empty\"", "", "", "--edge--", "epilogue",
    ].joined(separator: "\r\n").utf8)

  private struct Content: Equatable {
    var part: MultipartReader.Part
    var bytes: [UInt8]
  }

  private func read(
    _ pieces: [[UInt8]], type: String = "multipart/form-data; boundary=edge",
    bytesMax: Int = 1 << 20
  ) throws -> [Content] {
    var rest = pieces[...]
    var reader = try MultipartReader(contentType: type) { rest.popFirst() }
    var contents: [Content] = []
    while let part = try reader.nextPart() {
      contents.append(
        Content(part: part, bytes: try reader.wholeContent(of: part, bytesMax: bytesMax)))
    }
    return contents
  }

  private func read(_ text: String) throws -> [Content] { try read([Array(text.utf8)]) }

  @Test func aFormIsItsParts() throws {
    let contents = try read([Self.body])
    #expect(contents.map(\.part.name) == ["name", "weights", "empty"])
    #expect(contents.map(\.part.fileName) == [nil, "a;b.bin", nil])
    #expect(contents.map(\.part.contentType) == [nil, "application/octet-stream", nil])
    let texts = contents.map { String(decoding: $0.bytes, as: UTF8.self) }
    #expect(texts == ["shirts", "\r\n--edg\r\n-edge\r", ""])
  }

  @Test func everySplitGivesTheSameParts() throws {
    let whole = try read([Self.body])
    for at in 0...Self.body.count {
      #expect(try read([Array(Self.body[..<at]), Array(Self.body[at...])]) == whole, "at \(at)")
    }
    #expect(try read(Self.body.map { [$0] }) == whole)
  }

  @Test func everyCutIsRefused() throws {
    let end = try #require(Self.body.firstRange(of: Array("--edge--".utf8))).upperBound
    for count in 0..<end {
      let problem = #expect(throws: Problem.self) { try read([Array(Self.body[..<count])]) }
      #expect(problem?.code == "invalid_multipart", "\(count) bytes")
    }
    #expect(try read([Array(Self.body[..<end])]).count == 3)
  }

  @Test(arguments: [
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
    "multipart/form-data; boundary=\(String(repeating: "b", count: 71))",
  ])
  func aTypeWithoutUsableBoundaryIsRefused(type: String) {
    #expect(throws: Problem.self) { try read([], type: type) }
  }

  @Test func aBoundaryOfSeventyIsRead() throws {
    let edge = String(repeating: "b", count: 70)
    let body = "--\(edge)\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--\(edge)--"
    let contents = try read([Array(body.utf8)], type: "multipart/form-data; boundary=\"\(edge)\"")
    #expect(contents.map(\.part.name) == ["a"])
  }

  @Test(arguments: [
    "", "preamble\r\n--edge--", "--edge", "--edgeX\r\n", "--edge\n",
    "--edge\r\nContent-Disposition form-data\r\n\r\nx\r\n--edge--",
    "--edge\r\nContent-Disposition: form-data\r\n\r\nx\r\n--edge--",
    "--edge\r\nContent-Type: text/plain\r\n\r\nx\r\n--edge--",
    "--edge\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--edge",
  ])
  func whatIsNoFormIsRefused(body: String) {
    let problem = #expect(throws: Problem.self) { try read(body) }
    #expect(problem?.code == "invalid_multipart")
    #expect(problem?.status.code == 400)
  }

  @Test func theHeadOfAPartIsText() {
    let body = Array("--edge\r\nContent-Disposition: form-data; name=".utf8) + [0xFF]
    #expect(throws: Problem.self) { try read([body + Array("\r\n\r\nx\r\n--edge--".utf8)]) }
  }

  @Test func theHeadOfAPartIsBounded() throws {
    func body(headBytes: Int) -> String {
      let head = "Content-Disposition: form-data; name=a\r\nX: "
      let padding = String(repeating: "x", count: headBytes - head.utf8.count)
      return "--edge\r\n\(head)\(padding)\r\n\r\ny\r\n--edge--"
    }
    #expect(try read(body(headBytes: MultipartReader.headBytesMax - 8)).count == 1)
    // Byte by byte, so that the whole is not there before the limit is looked at.
    let long = Array(body(headBytes: MultipartReader.headBytesMax + 8).utf8)
    #expect(throws: Problem.self) { try read(long.map { [$0] }) }
  }

  @Test func theNumberOfPartsIsBounded() throws {
    func body(parts: Int) -> [UInt8] {
      Form.bytes((0..<parts).map { ("p\($0)", [UInt8(ascii: "x")]) })
    }
    #expect(try read([body(parts: MultipartReader.partsMax)]).count == MultipartReader.partsMax)
    #expect(throws: Problem.self) { try read([body(parts: MultipartReader.partsMax + 1)]) }
  }

  @Test func theContentOfASmallPartIsBounded() throws {
    let body = Form.bytes([("a", Array("12345".utf8))])
    #expect(try read([body], bytesMax: 5).count == 1)
    let problem = #expect(throws: Problem.self) { try read([body], bytesMax: 4) }
    #expect(problem?.status.code == 413)
    #expect(problem?.code == "part_too_large")
  }
}
