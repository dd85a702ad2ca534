import Documents
import Service
import Testing

/// The OpenAPI document as a contract: what a server answered must be what the document says, and
/// what it accepted must be what the document allows.
struct Contract: Sendable {
  static let shared = Contract(OpenAPIDocument(limits: ServiceLimits()).document)

  let document: JSONValue
  let schemas: SchemaValidator

  init(_ document: JSONValue) {
    self.document = document
    schemas = SchemaValidator(components: document["components"]?["schemas"] ?? [:])
  }

  /// Every operation: its path pattern, its method in lower case, and what is said of it.
  var operations: [(path: String, method: String, operation: JSONValue)] {
    (document["paths"]?.object?.members ?? []).flatMap { path, methods in
      (methods.object?.members ?? []).map { (path, $0.key, $0.value) }
    }
  }

  /// Fields that every HTTP server sends.
  private static let common: Set = [
    "content-type", "content-length", "transfer-encoding", "connection", "date", "allow",
    // And those that are the same on every answer.
    "x-content-type-options", "content-security-policy", "referrer-policy",
    "cross-origin-resource-policy",
  ]

  func check(
    _ method: String, _ target: String, _ body: ServiceClient.Body, _ answer: Answer,
    _ location: SourceLocation
  ) throws {
    let wanted = method == "HEAD" ? "get" : method.lowercased()
    let parts = target.split(separator: "?", maxSplits: 1)
    let path = parts.first.map(String.init) ?? "/"
    func parameterCount(_ pattern: String) -> Int { pattern.count { $0 == "{" } }
    let candidates = operations.filter { $0.method == wanted && Self.matches($0.path, path) }
    // A literal wins over a parameter.
    let nearest = candidates.min { parameterCount($0.path) < parameterCount($1.path) }
    guard let operation = nearest?.operation
    else {
      #expect([404, 405].contains(answer.status), "\(method) \(path)", sourceLocation: location)
      return
    }
    let name = "\(method) \(target) \(answer.status)"
    guard let reply = operation["responses"]?[String(answer.status)] else {
      Issue.record("\(name) is not documented: \(answer.text)", sourceLocation: location)
      return
    }
    let documented = Set((reply["headers"]?.object?.members ?? []).map { $0.key.lowercased() })
    let unknown = Set(answer.fields.keys).subtracting(Self.common).subtracting(documented)
    #expect(unknown.isEmpty, "\(name) has undocumented fields", sourceLocation: location)
    if !answer.body.isEmpty { try checkBody(answer, reply, name, location) }
    guard (200..<300).contains(answer.status) else { return }
    checkQuery(parts.count > 1 ? String(parts[1]) : "", operation, name, location)
    if case .json(let value) = body { checkAccepted(value, operation, name, location) }
  }

  private func checkBody(
    _ answer: Answer, _ reply: JSONValue, _ name: String, _ location: SourceLocation
  ) throws {
    let type = answer.fields["content-type"]?.split(separator: ";").first.map(String.init) ?? ""
    guard let schema = reply["content"]?[type]?["schema"] else {
      Issue.record("\(name) as \(type) is not documented", sourceLocation: location)
      return
    }
    guard type.hasSuffix("json") else { return }
    let faults = schemas.faults(of: try answer.json(), schema, isClosed: true)
    #expect(faults.isEmpty, "\(name): \(answer.text.prefix(500))", sourceLocation: location)
  }

  private func checkQuery(
    _ query: String, _ operation: JSONValue, _ name: String, _ location: SourceLocation
  ) {
    let known = (operation["parameters"]?.elements ?? []).filter { $0["in"]?.string == "query" }
      .compactMap { $0["name"]?.string }
    for item in query.split(separator: "&") {
      let key = String(item.prefix { $0 != "=" })
      let isKnown = known.contains(key) || key.hasPrefix("label.") && known.contains("label")
      #expect(isKnown, "\(name): \(key) is not documented", sourceLocation: location)
    }
  }

  private func checkAccepted(
    _ value: JSONValue, _ operation: JSONValue, _ name: String, _ location: SourceLocation
  ) {
    guard let schema = operation["requestBody"]?["content"]?["application/json"]?["schema"] else {
      Issue.record("\(name) accepted an undocumented body", sourceLocation: location)
      return
    }
    let faults = schemas.faults(of: value, schema)
    #expect(faults.isEmpty, "\(name) accepted what is not allowed", sourceLocation: location)
  }

  static func matches(_ pattern: String, _ path: String) -> Bool {
    let wanted = pattern.split(separator: "/", omittingEmptySubsequences: false)
    let given = path.split(separator: "/", omittingEmptySubsequences: false)
    return wanted.count == given.count
      && zip(wanted, given).allSatisfy { $0 == $1 || $0.hasPrefix("{") && !$1.isEmpty }
  }
}
