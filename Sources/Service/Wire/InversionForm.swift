import Documents
import HTTP
import HTTPTypes
import SignalFormats
import Storage

/// What a client asks to be inverted, as a JSON body or as a form with files
/// [RFC 7578]: the document as the part `request`, and what would be long in it as parts of their
/// own.
struct InversionForm {
  var document: JSONValue
  var files = FormFiles()
  /// The part `observations` of a batch.
  var observations: [UInt8]?
  /// What "the same body" means: of a form its names and contents, since boundaries differ each time.
  var digest: [UInt8]

  static let isForm: @Sendable (Request) -> Bool = { request in
    request.field(.contentType).map { MediaType.essence($0) } == "multipart/form-data"
  }

  /// The document that is the whole body.
  init(_ request: Request, limits: ServiceLimits) throws {
    document = try request.json(depthMax: limits.jsonDepthMax)
    digest = ContentDigest(hashing: request.body).bytes
  }

  /// - Parameter known: the names of the files that may come; `observations` must.
  /// - Throws: `Problem` for parts that are unknown, missing, repeated or too long.
  init(
    _ request: Request, _ body: BodyReader, files known: [String], limits: ServiceLimits
  ) throws {
    var contents = try Self.contents(request, body, ["request"] + known, limits)
    let hasher = ContentDigest.Hasher()
    for (name, content) in contents.sorted(by: { $0.key < $1.key }) {
      hasher.update(Array("\(name) \(content.count)\n".utf8))
      hasher.update(content)
    }
    digest = hasher.finalize().bytes
    guard let text = contents.removeValue(forKey: "request") else {
      throw Problem.malformed("missing_part", "The part \"request\" is missing.")
    }
    document = try JSONParser(depthMax: limits.jsonDepthMax).parse(text)
    observations = contents["observations"]
    files.observation = contents["observation"]
    files.mask = contents["mask"]
    files.matrix = contents["matrix"]
    guard known.contains("observations") else { return }
    files.isBatch = true
    guard observations != nil else {
      throw Problem.malformed("missing_part", "The part \"observations\" is missing.")
    }
  }

  private static func contents(
    _ request: Request, _ body: BodyReader, _ known: [String], _ limits: ServiceLimits
  ) throws -> [String: [UInt8]] {
    var reader = try MultipartReader(contentType: request.field(.contentType) ?? "") {
      try body.next()
    }
    var contents: [String: [UInt8]] = [:]
    while let part = try reader.nextPart() {
      guard known.contains(part.name) else {
        throw Problem.malformed(
          "unknown_part",
          "The part \"\(part.name.prefix(64))\" is unknown; known: "
            + known.joined(separator: ", ") + ".")
      }
      guard contents[part.name] == nil else {
        throw Problem.malformed("repeated_part", "The part \"\(part.name)\" is given twice.")
      }
      contents[part.name] = try reader.wholeContent(
        of: part,
        bytesMax: part.name == "request" ? limits.jsonBodyBytesMax : limits.formBytesMax)
    }
    return contents
  }
}
