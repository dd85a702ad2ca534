import Documents
import HTTPTypes

/// One method of one path as OpenAPI describes it.
struct Operation {
  var method: HTTPRequest.Method
  /// The route's pattern.
  var path: String
  /// Names the operation in generated clients.
  var id: String
  var tag: String
  /// What clients must be permitted; where nothing is said, only who runs the service may.
  var access: Access?
  var summary: String
  var details: String?
  var parameters: [OperationParameter] = []
  var body: OperationBody?
  var replies: [Reply]
  /// Beside those that every request may meet.
  var refusals: [Refusal] = []
  /// The schema of errors that are no problem documents, by its name among the components.
  var errorSchema: String?

  /// The media types of its answers.
  var offers: [String] {
    var seen: Set<String> = []
    return replies.flatMap(\.content).map { MediaType.essence($0.mediaType) }
      .filter { seen.insert($0).inserted }
  }

  /// Whether its answers are chosen by `Accept` alone. Where `format` may choose too the endpoint
  /// sees to it; what is open to all is answered whatever a probe accepts.
  var negotiates: Bool {
    access != .open && !offers.isEmpty && !parameters.contains { $0.name == "format" }
  }

  /// - Parameter isAccessOptional: whether the server asks for no tokens.
  func document(isAccessOptional: Bool) -> JSONValue {
    var operation: JSONObject = [
      "operationId": .string(id), "tags": .array([.string(tag)]), "summary": .string(summary),
    ]
    operation["description"] = details.map(JSONValue.string)
    operation["parameters"] = .array(
      (parameters + [OperationParameter.requestID]).map(\.document))
    operation["requestBody"] = body?.document
    var responses: JSONObject = [:]
    for reply in replies { responses[String(reply.status)] = reply.document }
    let accessRefusals = access == .open ? [] : Refusal.ofAccess
    let negotiation = negotiates ? [Refusal.notAcceptable] : []
    for refusal in Refusal.joined(
      refusals + accessRefusals + negotiation + Refusal.ofEveryRequest)
    {
      responses[String(refusal.status)] = refusal.document(errorSchema: errorSchema)
    }
    operation["responses"] = .object(responses)
    operation["security"] = SecuritySchemes.requirement(access, isOptional: isAccessOptional)
    return .object(operation)
  }
}

/// A parameter of a path, a query or a head.
struct OperationParameter {
  enum Place: String {
    case path
    case query
    case header
  }

  var name: String
  var place: Place
  var schema: JSONValue
  var text: String
  var example: JSONValue?
  /// Of an object in the query, each member of which is a parameter.
  var isExploded = false

  var document: JSONValue {
    var parameter: JSONObject = [
      "name": .string(name), "in": .string(place.rawValue), "required": .bool(place == .path),
      "description": .string(text), "schema": schema,
    ]
    if isExploded {
      parameter["style"] = "form"
      parameter["explode"] = true
    }
    parameter["example"] = example
    return .object(parameter)
  }

  /// What can stand in a path: an id, or a generator's name.
  private static let segmentPattern = #"^(?!\.\.?$)[A-Za-z0-9._-]{1,128}$"#

  static func path(_ name: String, _ text: String, example: JSONValue) -> OperationParameter {
    OperationParameter(
      name: name, place: .path, schema: Schema.string(pattern: segmentPattern), text: text,
      example: example)
  }

  /// Text without NUL.
  static let textPattern = #"^[^\u0000]*$"#

  static func query(
    _ name: String, _ schema: JSONValue, _ text: String, example: JSONValue? = nil
  ) -> OperationParameter {
    // The wire refuses an encoded NUL wherever it is.
    let isText = schema == Schema.string()
    return OperationParameter(
      name: name, place: .query, schema: isText ? Schema.string(pattern: textPattern) : schema,
      text: text, example: example)
  }

  static func header(
    _ name: String, _ text: String, pattern: String? = nil, example: JSONValue? = nil
  ) -> OperationParameter {
    OperationParameter(
      name: name, place: .header, schema: Schema.string(pattern: pattern), text: text,
      example: example)
  }

  static let requestID = OperationParameter.header(
    "X-Request-Id",
    "Names the request in logs and problems: 1 to 128 of A-Z a-z 0-9 . _ -; else one is made.",
    example: "checkout-7f3a")
}

/// What a request carries, by media type.
struct OperationBody {
  var content: [Content]
  var isRequired = true
  var text: String?

  var document: JSONValue {
    var body: JSONObject = [
      "required": .bool(isRequired), "content": Content.document(of: content),
    ]
    body["description"] = text.map(JSONValue.string)
    return .object(body)
  }
}

/// A representation: a media type, the schema of what it carries, and examples by name.
struct Content {
  var mediaType: String
  var schema: JSONValue
  var examples: [(name: String, summary: String, value: JSONValue)] = []

  static func json(
    _ schema: JSONValue, examples: [(name: String, summary: String, value: JSONValue)] = []
  ) -> Content {
    Content(mediaType: "application/json", schema: schema, examples: examples)
  }

  static func document(of contents: [Content]) -> JSONValue {
    var document: JSONObject = [:]
    for content in contents {
      var representation: JSONObject = ["schema": content.schema]
      if !content.examples.isEmpty {
        var examples: JSONObject = [:]
        for example in content.examples {
          examples[example.name] = ["summary": .string(example.summary), "value": example.value]
        }
        representation["examples"] = .object(examples)
      }
      document[content.mediaType] = .object(representation)
    }
    return .object(document)
  }
}

/// An answer that is no refusal.
struct Reply {
  var status: Int
  var text: String
  var content: [Content] = []
  /// Beside `X-Request-Id`.
  var fields: [(name: String, text: String)] = []
  /// What can be asked next, with what is in the answer.
  var links: [OperationLink] = []

  /// Of JSON, which may be compressed.
  private static let coding: [(name: String, text: String)] = [
    ("Vary", "Of long JSON `Accept-Encoding`, of what has several representations `Accept`."),
    ("Content-Encoding", "`gzip`, of long JSON where it is accepted."),
  ]

  var document: JSONValue {
    let isJSON = content.contains { $0.mediaType == "application/json" }
    let own = isJSON ? fields.filter { $0.name != "Vary" } + Self.coding : fields
    var reply: JSONObject = [
      "description": .string(text), "headers": ReplyField.document(of: own),
    ]
    if !content.isEmpty { reply["content"] = Content.document(of: content) }
    if !links.isEmpty { reply["links"] = OperationLink.document(of: links) }
    return .object(reply)
  }
}

/// Another operation on what an answer speaks of [OpenAPI 3.1, "Link Object"].
struct OperationLink {
  /// The other operation's id.
  var operation: String
  /// The parameter of it that is the answer's `id`.
  var parameter = "id"

  static func document(of links: [OperationLink]) -> JSONValue {
    var document: JSONObject = [:]
    for link in links {
      document[link.operation] = [
        "operationId": .string(link.operation),
        "parameters": [link.parameter: "$response.body#/id"],
      ]
    }
    return .object(document)
  }

  private static func all(_ operations: String...) -> [OperationLink] {
    operations.map { OperationLink(operation: $0) }
  }

  static let ofGenerator = all(
    "getGenerator", "downloadWeights", "sampleGenerator", "getDiagnostics", "getModel",
    "getModelReadiness", "infer", "deleteGenerator")
  static let ofInversion = all(
    "getInversion", "listenToInversion", "cancelInversion", "getReconstruction", "getLatent",
    "getUncertainty", "deleteInversion")
  static let ofBatch =
    all("getBatch", "cancelBatch", "getBatchLatents", "getBatchReconstructions", "deleteBatch")
    + [OperationLink(operation: "listInversions", parameter: "batch")]
}

/// The header fields of an answer.
enum ReplyField {
  private static let ofEveryAnswer = [
    (name: "X-Request-Id", text: "The request's id: the client's own, or a new one."),
    ("traceparent", "The client's trace with the request's own span, where it brought one."),
    ("Cache-Control", "`no-store` where an access token protects what is answered."),
    ("RateLimit", "What is left of the client's quota, where it has one."),
    ("RateLimit-Policy", "The client's quota of requests, where it has one."),
  ]

  static func document(of fields: [(name: String, text: String)]) -> JSONValue {
    var document: JSONObject = [:]
    for field in fields + ofEveryAnswer where document[field.name] == nil {
      document[field.name] = ["description": .string(field.text), "schema": Schema.string()]
    }
    return .object(document)
  }
}
