import Documents
import Foundation
import HTTP
import HTTPTypes
import Networks
import Service
import Storage
import Testing
import WeightFormats

/// Uploads of generators: what is taken, what is refused, and that nothing of a refused one stays.
struct UploadTests {
  private static let octets = "application/octet-stream"
  private static let architecture = JSONWriter.bytes(of: SmallGenerator.architecture)

  private static func digest(_ bytes: [UInt8]) -> String {
    "sha-256=:\(Data(ContentDigest(hashing: bytes).bytes).base64EncodedString()):"
  }

  @Test func weightsWithTheirArchitectureBecomeAGenerator() throws {
    try withService { _, client in
      let file = SmallGenerator.file()
      let answer = try client.send(
        "POST", "/v1/generators?name=small", .bytes(file, type: Self.octets))
      #expect(answer.status == 201)
      let generator = try answer.json()
      #expect(answer.fields["location"] == generator["links"]?["self"]?.string)
      #expect(generator["digest"]?.string == ContentDigest(hashing: file).description)
      #expect(generator["bytes"] == JSONValue(file.count))
      #expect(generator["parameter_count"] == 48)
      #expect(generator["latent"]?["count"] == 2)
      #expect(generator["output"]?["shape"] == [1, 4, 4])
      #expect(generator["layers"]?.elements?.count == 3)
      let id = generator["id"]?.string ?? ""
      #expect(try client.get("/v1/generators/small").json() == generator)
      #expect(try client.get("/v1/generators/\(id)").json() == generator)
    }
  }

  @Test(arguments: UploadEndpointTypes.all)
  func everyTypeOfWeightsIsTaken(type: String) throws {
    try withService { _, client in
      let answer = try client.send(
        "POST", "/v1/generators", .bytes(SmallGenerator.file(), type: type))
      #expect(answer.status == 201)
      #expect(try answer.json()["name"] == .null)
    }
  }

  @Test func aFormBringsTheArchitecture() throws {
    try withService { _, client in
      let file = SmallGenerator.file(architecture: nil)
      let parts = [
        ("name", Array("form".utf8)), ("architecture", Self.architecture), ("weights", file),
      ]
      let answer = try client.send(
        "POST", "/v1/generators", .bytes(Form.bytes(parts), type: Form.type))
      #expect(answer.status == 201, "\(answer.text)")
      #expect(try answer.json()["name"] == "form")
      let again = try client.send(
        "POST", "/v1/generators", .bytes(Form.bytes(parts.reversed()), type: Form.type))
      #expect(again.status == 200)
      #expect(try again.json()["id"] == answer.json()["id"])
    }
  }

  @Test func chunkedUploadsAreTheSameAsWholeOnes() throws {
    try withService { _, client in
      let file = SmallGenerator.file()
      let whole = try client.send("POST", "/v1/generators", .bytes(file, type: Self.octets))
      let chunked = try client.send(
        "POST", "/v1/generators", fields: ["Content-Digest": Self.digest(file)],
        .chunked(file, type: Self.octets, sizes: [1, 7, 100, 3]))
      #expect(whole.status == 201 && chunked.status == 200)
      #expect(try chunked.json() == whole.json())
    }
  }

  @Test func aDigestIsChecked() throws {
    try withService { _, client in
      let file = SmallGenerator.file()
      func upload(_ digest: String) throws -> Answer {
        try client.send(
          "POST", "/v1/generators", fields: ["Content-Digest": digest],
          .bytes(file, type: Self.octets))
      }
      let wrong = try upload(Self.digest(file + [0]))
      #expect(wrong.status == 400 && wrong.code == "digest_mismatch")
      #expect(try upload("sha-256=:AAAA:").code == "invalid_digest")
      #expect(try upload("sha-256=AAAA").code == "invalid_digest")
      #expect(try Self.listed(client) == 0)
      #expect(try upload("sha-512=:AAAA:, \(Self.digest(file))").status == 201)
      #expect(try upload("md5=:AAAA:").status == 200)
    }
  }

  @Test func aNameBelongsToOneGenerator() throws {
    try withService { _, client in
      try client.uploadSmall(name: "taken")
      let other = SmallGenerator.file(scale: 2)
      let refused = try client.send(
        "POST", "/v1/generators?name=taken", .bytes(other, type: Self.octets))
      #expect(refused.status == 409 && refused.code == "name_taken")
      #expect(try Self.listed(client) == 1)
    }
  }

  @Test(arguments: ["n", String(repeating: "n", count: 128), "A-z.0_9"])
  func aNameOfPlainCharactersIsTaken(name: String) throws {
    try withService { _, client in
      let generator = try client.uploadSmall(name: name)
      #expect(generator["name"]?.string == name)
    }
  }

  @Test(arguments: RefusedUpload.all)
  func aRefusedUploadLeavesNothing(given: RefusedUpload) throws {
    try withService { service, client in
      try client.uploadSmall(name: "kept", scale: 3)
      let before = try Self.stored(client)
      let answer = try client.send(
        "POST", "/v1/generators\(given.query)", .bytes(given.body, type: given.type))
      #expect(answer.status == given.status, "\(answer.text)")
      #expect(answer.code == given.code)
      #expect(try Self.stored(client) == before)
      for content in [given.body, SmallGenerator.file()] {
        #expect(try !service.blobs.contains(ContentDigest(hashing: content)))
      }
    }
  }

  @Test func aFormNeedsItsBoundary() throws {
    try withService { _, client in
      let answer = try client.send(
        "POST", "/v1/generators", .bytes([1], type: "multipart/form-data"))
      #expect(answer.code == "invalid_multipart")
    }
  }

  @Test func theSizeOfWeightsIsBounded() throws {
    let file = SmallGenerator.file()
    for (bytesMax, isTaken) in [(file.count, true), (file.count - 1, false)] {
      try withService {
        $0.limits.weights.bytesMax = bytesMax
      } _: { _, client in
        let answer = try client.send("POST", "/v1/generators", .bytes(file, type: Self.octets))
        #expect(answer.status == (isTaken ? 201 : 413))
        #expect(answer.code == (isTaken ? "" : "weights_too_large"))
        #expect(try Self.listed(client) == (isTaken ? 1 : 0))
      }
    }
  }

  @Test func theSizeOfAnUploadIsBounded() throws {
    let file = SmallGenerator.file()
    for (bytesMax, isTaken) in [(file.count, true), (file.count - 1, false)] {
      for isChunked in [true, false] {
        try withService {
          $0.limits.weightBytesMax = bytesMax
        } _: { _, client in
          let answer = try client.send(
            "POST", "/v1/generators",
            isChunked
              ? .chunked(file, type: Self.octets, sizes: [64])
              : .bytes(file, type: Self.octets))
          #expect(answer.status == (isTaken ? 201 : 413))
          #expect(try Self.listed(client) == (isTaken ? 1 : 0))
        }
      }
    }
  }

  @Test func theParametersOfAGeneratorAreBounded() throws {
    for (most, status) in [(48, 201), (47, 422)] {
      try withService {
        $0.limits.generators.parametersMax = most
      } _: { _, client in
        let answer = try client.send(
          "POST", "/v1/generators", .bytes(SmallGenerator.file(), type: Self.octets))
        #expect(answer.status == status, "\(answer.text)")
      }
    }
  }

  private static func listed(_ client: ServiceClient) throws -> Int {
    try client.get("/v1/generators").json()["generators"]?.elements?.count ?? -1
  }

  /// What a client can see of the storage.
  private static func stored(_ client: ServiceClient) throws -> JSONValue {
    try client.get("/v1/generators").json()
  }
}

/// The media types that the document offers for weights.
enum UploadEndpointTypes {
  static var all: [String] {
    let upload = Contract.shared.operations.first {
      $0.operation["operationId"] == "uploadGenerator"
    }
    return (upload?.operation["requestBody"]?["content"]?.object?.members ?? []).map(\.key)
      .filter { $0 != "multipart/form-data" }
  }
}
