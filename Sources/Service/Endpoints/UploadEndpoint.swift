import Documents
import Foundation
import HTTP
import HTTPTypes
import Jobs
import Storage
import WeightFormats

/// `POST /v1/generators`: weights as the body, or as a part beside their architecture.
struct UploadEndpoint: EndpointGroup {
  let parts: ServiceParts

  private static let architectureBytesMax = 4 << 20
  private static let nameBytesMax = 1024

  func add(to router: inout Router) {
    router.on(
      .post, "/v1/generators", body: BodyRule(bytesMax: parts.limits.weightBytesMax),
      .streaming { request, body, responder in
        do {
          responder.respond(try upload(request, body))
        } catch {
          responder.respond(parts.refusal(error, requestID: request.id))
        }
      })
  }

  private func upload(_ request: Request, _ body: BodyReader) throws -> Response {
    try request.checkQuery(known: ["name", "state"])
    try parts.checkAccepting(request.announcedBytes ?? 0)
    let type = request.field(.contentType) ?? "application/octet-stream"
    let isForm = MediaType.essence(type) == "multipart/form-data"
    guard isForm || Self.weightTypes.contains(MediaType.essence(type)) else {
      throw Problem(
        .unsupportedMediaType, "unsupported_media_type",
        "The body is \"\(type.prefix(64))\"; expected multipart/form-data or one of "
          + Self.weightTypes.joined(separator: ", ") + ".")
    }
    let expected = try announcedDigest(request)
    let hasher = ContentDigest.Hasher()
    let source = {
      let piece = try body.next()
      // What was not announced, and what others store meanwhile.
      try parts.readiness.checkRoom()
      if let piece, expected != nil { hasher.update(piece) }
      return piece
    }
    let writer = try parts.blobs.makeWriter(
      byteCountMax: min(parts.limits.weights.bytesMax, try parts.room(for: request)))
    // Does nothing once the upload is finished.
    defer { writer.abort() }
    var name = request.queryValue("name")
    var architecture: JSONValue?
    if isForm {
      (architecture, name) = try readForm(type, source, writer, name: name)
    } else {
      while let piece = try source() { try writer.append(piece) }
    }
    if let expected, expected != hasher.finalize() {
      throw Problem.malformed(
        "digest_mismatch", "The body does not have the SHA-256 that Content-Digest gives.")
    }
    let inserted = try GeneratorUpload(
      generators: parts.generators, blobs: parts.blobs, limits: parts.limits,
      owner: .client(request.client),
      bytesMax: parts.quotas.limit(parts.quotas.storageBytesMax)
    ).store(
      writer, name: name, architecture: architecture, state: request.queryValue("state"),
      now: parts.clock.now())
    return .json(
      inserted.isNew ? .created : .ok, GeneratorResource.bytes(inserted.generator),
      fields: [.location: "/v1/generators/\(inserted.generator.id)"])
  }

  static let weightTypes =
    ["application/octet-stream"] + WeightFormats.all.flatMap(\.mediaTypes)

  private func readForm(
    _ type: String, _ source: @escaping () throws -> [UInt8]?, _ writer: BlobWriter, name: String?
  ) throws -> (architecture: JSONValue?, name: String?) {
    var reader = try MultipartReader(contentType: type, source: source)
    var name = name
    var architecture: JSONValue?
    var seen = Set<String>()
    while let part = try reader.nextPart() {
      guard seen.insert(part.name).inserted else {
        throw Problem.malformed("repeated_part", "The part \"\(part.name)\" is given twice.")
      }
      switch part.name {
      case "weights": try reader.content { try writer.append($0) }
      case "architecture":
        architecture = try JSONParser(depthMax: parts.limits.jsonDepthMax).parse(
          try reader.wholeContent(of: part, bytesMax: Self.architectureBytesMax))
      case "name":
        let bytes = try reader.wholeContent(of: part, bytesMax: Self.nameBytesMax)
        name = String(decoding: bytes, as: UTF8.self)
      default:
        throw Problem.malformed(
          "unknown_part",
          "The part \"\(part.name.prefix(64))\" is unknown; known: weights, architecture, name.")
      }
    }
    guard seen.contains("weights") else {
      throw Problem.malformed("missing_part", "The part \"weights\" is missing.")
    }
    return (architecture, name)
  }
}

extension ServiceParts {
  /// Bytes that the client may still store.
  ///
  /// - Throws: `clientFull` when none are left, or fewer than the body is announced with.
  fileprivate func room(for request: Request) throws -> Int {
    guard let most = quotas.limit(quotas.storageBytesMax) else { return .max }
    let stored = try database.account(of: request.client).storedBytes
    let announced = request.announcedBytes ?? 1
    guard announced <= most - stored else {
      throw StorageError.clientFull(
        storedBytes: stored, addedBytes: announced, bytesMax: most)
    }
    return most - stored
  }
}

extension Request {
  /// `Content-Length`.
  fileprivate var announcedBytes: Int? { field(.contentLength).flatMap { Int($0) } }
}

/// `Content-Digest` [RFC 9530]: what the body should hash to.
private func announcedDigest(_ request: Request) throws(Problem) -> ContentDigest? {
  guard let name = HTTPField.Name("Content-Digest"), let value = request.field(name) else {
    return nil
  }
  for member in value.split(separator: ",") {
    let pair = member.split(separator: "=", maxSplits: 1)
    guard pair.count == 2, pair[0].trimmingSpaces() == "sha-256" else { continue }
    let text = pair[1].trimmingSpaces()
    guard text.count > 2, text.hasPrefix(":"), text.hasSuffix(":"),
      let bytes = Data(base64Encoded: String(text.dropFirst().dropLast())),
      let digest = ContentDigest(bytes: [UInt8](bytes))
    else {
      throw .malformed(
        "invalid_digest", "Content-Digest's sha-256 is not :base64 of 32 bytes: [RFC 9530].")
    }
    return digest
  }
  return nil
}
