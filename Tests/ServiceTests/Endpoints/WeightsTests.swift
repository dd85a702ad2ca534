import Documents
import HTTPTypes
import Service
import Storage
import Testing

/// The uploaded bytes, whole or in part.
struct WeightsTests {
  private static let path = "/v1/generators/small/weights"

  @Test func weightsComeBackByteForByte() throws {
    try withService { _, client in
      let generator = try client.uploadSmall()
      let answer = try client.get(Self.path)
      #expect(answer.status == 200)
      #expect(answer.body == SmallGenerator.file())
      #expect(answer.fields["etag"] == "\"\(generator["digest"]?.string ?? "")\"")
      #expect(answer.fields["accept-ranges"] == "bytes")
      #expect(answer.fields["content-type"] == "application/octet-stream")
      let head = try client.send("HEAD", Self.path)
      #expect(head.status == 200 && head.body.isEmpty)
      #expect(head.fields["content-length"] == "\(SmallGenerator.file().count)")
    }
  }

  @Test func whatTheClientHasIsNotSentAgain() throws {
    try withService { _, client in
      try client.uploadSmall()
      let tag = try #require(try client.get(Self.path).fields["etag"])
      for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
        let answer = try client.get(Self.path, fields: ["If-None-Match": known])
        #expect(answer.status == 304 && answer.body.isEmpty, "\(known)")
        #expect(answer.fields["etag"] == tag)
      }
      #expect(try client.get(Self.path, fields: ["If-None-Match": "\"x\""]).status == 200)
    }
  }

  @Test func aRangeIsThatPart() throws {
    let file = SmallGenerator.file()
    let count = file.count
    try withService { _, client in
      try client.uploadSmall()
      for (field, range) in [
        ("bytes=0-0", 0..<1), ("bytes=8-99", 8..<100), ("bytes=-5", count - 5..<count),
        ("bytes=100-", 100..<count), ("bytes=0-999999", 0..<count),
      ] {
        let answer = try client.get(Self.path, fields: ["Range": field])
        #expect(answer.status == 206, "\(field)")
        #expect(answer.body == Array(file[range]), "\(field)")
        #expect(
          answer.fields["content-range"]
            == "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(count)")
      }
      let beyond = try client.get(Self.path, fields: ["Range": "bytes=\(count)-"])
      #expect(beyond.status == 416 && beyond.code == "range_not_satisfiable")
      #expect(beyond.fields["content-range"] == "bytes */\(count)")
      #expect(try client.get(Self.path, fields: ["Range": "bytes=4-2"]).status == 200)
    }
  }

  @Test func aRangeOfAnotherVersionIsTheWhole() throws {
    try withService { _, client in
      try client.uploadSmall()
      let tag = try #require(try client.get(Self.path).fields["etag"])
      for (condition, status) in [(tag, 206), ("\"x\"", 200)] {
        let fields = ["Range": "bytes=0-3", "If-Range": condition]
        #expect(try client.get(Self.path, fields: fields).status == status)
      }
    }
  }

  @Test func rangesCrossTheRowsOfTheStorage() throws {
    try withService { _, client in
      // Past 1 MiB of unused metadata, so that the file takes two rows.
      var architecture = SmallGenerator.architecture.object ?? [:]
      let padding = String(repeating: " ", count: BlobStore.chunkBytes)
      let text = String(decoding: JSONWriter.bytes(of: .object(architecture)), as: UTF8.self)
      architecture = ["architecture": .string(text + padding)]
      let file = SmallGenerator.file(metadata: architecture)
      #expect(file.count > BlobStore.chunkBytes)
      let upload = try client.send(
        "POST", "/v1/generators?name=small", .bytes(file, type: "application/octet-stream"))
      #expect(upload.status == 201, "\(upload.text)")
      #expect(try client.get(Self.path).body == file)
      let edge = BlobStore.chunkBytes
      for range in [edge - 2..<edge + 2, edge - 1..<edge, edge..<edge + 1, 0..<edge + 1] {
        let field = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        #expect(try client.get(Self.path, fields: ["Range": field]).body == Array(file[range]))
      }
    }
  }

  @Test func generatorsThatAreNotThereHaveNoWeights() throws {
    try withService { _, client in
      let answer = try client.get("/v1/generators/nobody/weights")
      #expect(answer.status == 404 && answer.code == "generator_not_found")
      try client.uploadSmall()
      #expect(try client.get("\(Self.path)?download=1").code == "unknown_parameter")
    }
  }
}
