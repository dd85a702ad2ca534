import Documents
import HTTP
import HTTPTypes

extension Response {
  static func json(
    _ status: HTTPResponse.Status, _ bytes: [UInt8], fields: HTTPFields = [:]
  ) -> Response {
    var fields = fields
    fields[.contentType] = "application/json"
    return Response(status, fields: fields, body: .bytes(bytes))
  }

  static func json(
    _ status: HTTPResponse.Status, _ value: JSONValue, fields: HTTPFields = [:]
  ) -> Response {
    json(status, JSONWriter.bytes(of: value), fields: fields)
  }
}

extension Request {
  /// The body as JSON.
  ///
  /// - Throws: `Problem` 415 for another media type, 400 for what is not JSON.
  func json(depthMax: Int) throws -> JSONValue {
    let type = field(.contentType).map { MediaType.essence($0) }
    guard type == nil || type == "application/json" || type?.hasSuffix("+json") == true else {
      throw Problem(
        .unsupportedMediaType, "unsupported_media_type",
        "The body is \"\(type?.prefix(64) ?? "")\"; expected application/json.")
    }
    return try JSONParser(depthMax: depthMax).parse(body)
  }

  /// Refuses query parameters that the endpoint does not know, and repeated ones.
  func checkQuery(known: Set<String>, prefix: String? = nil) throws(Problem) {
    var seen = Set<String>()
    for item in queryItems {
      let isKnown = known.contains(item.name) || prefix.map(item.name.hasPrefix) == true
      guard isKnown else {
        let names = (known.sorted() + (prefix.map { ["\($0)KEY"] } ?? [])).joined(separator: ", ")
        throw .malformed(
          "unknown_parameter",
          "The query parameter \"\(item.name.prefix(64))\" is unknown; known here: "
            + (names.isEmpty ? "none" : names) + ".")
      }
      guard seen.insert(item.name).inserted else {
        throw .malformed(
          "repeated_parameter", "The query parameter \"\(item.name)\" is given twice.")
      }
    }
  }

  /// An integer of the query.
  func queryInteger(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = queryValue(name) else { return nil }
    guard text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let value = Int(text), range.contains(value)
    else {
      throw .malformed(
        "invalid_parameter",
        "\(name) is \"\(text.prefix(64))\"; expected an integer, \(range.lowerBound) to "
          + "\(range.upperBound).")
    }
    return value
  }
}
