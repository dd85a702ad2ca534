import HTTP
import HTTPTypes
import Storage
import Synchronization

/// `GET /v1/generators/{id}/weights`: the uploaded bytes, whole or a range of them.
struct WeightsEndpoint: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(.get, "/v1/generators/{id}/weights", parts.answering(download))
  }

  private func download(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let generator = try parts.generator(of: request)
    let tag = "\"\(generator.blob.digest)\""
    var fields: HTTPFields = [
      .eTag: tag, .acceptRanges: "bytes", .contentType: "application/octet-stream",
    ]
    if let known = request.field(.ifNoneMatch), Self.matches(known, tag) {
      return Response(.notModified, fields: fields)
    }
    let count = generator.blob.byteCount
    var range = 0..<count
    var status = HTTPResponse.Status.ok
    // A range of another version of the file would be of no use [RFC 9110, section 13.1.5].
    let isCurrent = request.field(.ifRange).map { $0 == tag } ?? true
    if isCurrent, let asked = request.field(.range), let part = ByteRange.parse(asked, count: count)
    {
      guard !part.isEmpty else {
        let problem = Problem(
          .rangeNotSatisfiable, "range_not_satisfiable",
          "Range is \"\(asked.prefix(64))\"; the file has \(count) bytes.")
        var response = problem.response(requestID: request.id)
        response.fields[.contentRange] = "bytes */\(count)"
        return response
      }
      range = part
      status = .partialContent
      fields[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(count)"
    }
    let reader = try parts.blobs.reader(for: generator.blob.digest)
    return Response(
      status, fields: fields,
      body: .stream(byteCount: range.count, Self.producer(reader, range)))
  }

  private static func producer(_ reader: BlobReader, _ range: Range<Int>) -> BodyProducer {
    let position = Mutex(range.lowerBound)
    return BodyProducer {
      try position.withLock { at in
        guard at < range.upperBound else { return nil }
        // Up to the end of a stored row.
        let end = min(range.upperBound, (at / BlobStore.chunkBytes + 1) * BlobStore.chunkBytes)
        let bytes = try reader.read(at: at, count: end - at)
        at = end
        return bytes
      }
    }
  }

  private static func matches(_ field: String, _ tag: String) -> Bool {
    field.split(separator: ",").contains {
      let candidate = $0.trimmingSpaces()
      return candidate == "*" || candidate == tag || candidate == "W/\(tag)"
    }
  }
}
