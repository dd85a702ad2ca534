import Documents
import HTTP
import HTTPTypes
import Service
import Testing

/// The OpenAPI document: complete, sound, and true as far as it can be checked without asking.
struct OpenAPITests {
  private let contract = Contract.shared

  @Test func everyRouteHasItsOperationAndNothingElseHas() throws {
    try withService { service, _ in
      let routes = service.router.routes.map { "\($0.method.rawValue.lowercased()) \($0.pattern)" }
      let operations = contract.operations.map { "\($0.method) \($0.path)" }
      #expect(Set(routes) == Set(operations))
      #expect(operations.count == routes.count)
    }
  }

  @Test func operationsHaveNamesOfTheirOwn() {
    let ids = contract.operations.compactMap { $0.operation["operationId"]?.string }
    #expect(ids.count == contract.operations.count)
    #expect(Set(ids).count == ids.count)
    for (path, method, operation) in contract.operations {
      #expect(operation["summary"]?.string?.isEmpty == false, "\(method) \(path)")
      #expect(operation["tags"]?.elements?.isEmpty == false, "\(method) \(path)")
    }
  }

  @Test func pathsDeclareTheirParameters() {
    for (path, method, operation) in contract.operations {
      let wanted = path.split(separator: "/").filter { $0.hasPrefix("{") }
        .map { String($0.dropFirst().dropLast()) }
      let declared = (operation["parameters"]?.elements ?? [])
      let inPath = declared.filter { $0["in"] == "path" }
      #expect(inPath.compactMap { $0["name"]?.string } == wanted, "\(method) \(path)")
      #expect(inPath.allSatisfy { $0["required"] == true }, "\(method) \(path)")
      let keys = declared.map { "\($0["in"]?.string ?? "") \($0["name"]?.string ?? "")" }
      #expect(Set(keys).count == keys.count, "\(method) \(path)")
      #expect(declared.allSatisfy { $0["description"]?.string?.isEmpty == false })
    }
  }

  @Test func refusalsAreListedWhereTheyCanOccur() {
    for (path, method, operation) in contract.operations {
      let name = "\(method) \(path)"
      let responses = operation["responses"]?.object?.members ?? []
      var wanted: Set = ["400", "408", "413", "414", "431", "500", "503"]
      if path.contains("{id}"), method != "put" { wanted.insert("404") }
      if operation["requestBody"] != nil { wanted.formUnion(["415", "422"]) }
      let parameters = operation["parameters"]?.elements ?? []
      if parameters.contains(where: { $0["name"] == "Accept" }) { wanted.insert("406") }
      if parameters.contains(where: { $0["name"] == "Range" }) { wanted.insert("416") }
      let storesNothing = ["samples", "search", "apply", "infer"].contains { path.hasSuffix($0) }
      if ["post", "put"].contains(method), !storesNothing {
        wanted.insert("507")
      }
      #expect(wanted.isSubset(of: responses.map(\.key)), "\(name)")
      #expect(responses.contains { $0.key.hasPrefix("2") }, "\(name)")
      for (status, response) in responses where status.hasPrefix("4") || status.hasPrefix("5") {
        let schema = response["content"]?["application/problem+json"]?["schema"]
        #expect(schema == ["$ref": "#/components/schemas/Problem"], "\(name) \(status)")
        // The Open Inference Protocol has errors of its own; the wire's are problems there too.
        let types = Set((response["content"]?.object?.members ?? []).map(\.key))
        let own: Set = path.hasPrefix("/v2") ? ["application/json"] : []
        #expect(types == own.union(["application/problem+json"]), "\(name) \(status)")
      }
      let retry = operation["responses"]?["503"]?["headers"]?["Retry-After"]
      #expect(retry != nil, "\(name)")
    }
  }

  @Test func linksLeadToOperationsThatHaveTheirParameters() {
    var count = 0
    for (path, method, operation) in contract.operations {
      for (status, response) in operation["responses"]?.object?.members ?? [] {
        for (_, link) in response["links"]?.object?.members ?? [] {
          count += 1
          let target = contract.operations.first {
            $0.operation["operationId"] == link["operationId"]
          }
          let known = (target?.operation["parameters"]?.elements ?? []).map { $0["name"]?.string }
          let given = (link["parameters"]?.object?.members ?? []).map(\.key)
          let fits = !given.isEmpty && given.allSatisfy { known.contains($0) }
          #expect(fits, "\(method) \(path) \(status) \(link)")
        }
      }
    }
    #expect(count > 30)
  }

  @Test func noReferenceDangles() {
    var references: Set<String> = []
    Self.visit(contract.document) { object in
      if let reference = object["$ref"]?.string { references.insert(reference) }
    }
    #expect(references.count > 10)
    for reference in references {
      #expect(contract.schemas.resolve(reference) != nil, "\(reference)")
    }
    // And nothing is described that nothing refers to.
    for (name, _) in contract.schemas.components.object?.members ?? [] {
      #expect(references.contains("#/components/schemas/\(name)"), "\(name) is not used")
    }
  }

  @Test func everySchemaIsAnObjectAndEveryComponentSaysItsType() {
    var count = 0
    Self.visit(contract.document) { object in
      for key in ["schema", "items"] {
        guard let schema = object[key] else { continue }
        count += 1
        #expect(schema.object != nil, "\(key) of \(object.members.map(\.key))")
      }
    }
    #expect(count > 100)
    for (name, schema) in contract.schemas.components.object?.members ?? [] {
      let says = schema["type"] != nil || schema["oneOf"] != nil
      #expect(says, "\(name)")
    }
  }

  @Test func everyExampleOfABodyMatchesItsSchema() throws {
    var count = 0
    for (path, method, operation) in contract.operations {
      for (type, content) in operation["requestBody"]?["content"]?.object?.members ?? [] {
        for (name, example) in content["examples"]?.object?.members ?? [] {
          count += 1
          let value = try #require(example["value"])
          let schema = try #require(content["schema"])
          let faults = contract.schemas.faults(of: value, schema)
          #expect(faults.isEmpty, "\(method) \(path) \(type) \(name)")
        }
      }
    }
    #expect(count >= 5)
  }

  @Test func everyExampleOfABodyIsCarriedOut() throws {
    try withService(bundled: true, workers: 2) { _, client in
      for (path, method, operation) in contract.operations {
        let content = operation["requestBody"]?["content"]?["application/json"]
        for (name, example) in content?["examples"]?.object?.members ?? [] {
          let parameters = operation["parameters"]?.elements ?? []
          let id = parameters.first { $0["in"] == "path" }?["example"]?.string ?? ""
          // Under an id of its own each, since another body under the same id is refused.
          let own = method == "put" ? "\(id)-\(name)" : id
          let answer = try client.send(
            method.uppercased(), path.replacing("{id}", with: own), fields: ["Prefer": "wait=50"],
            .json(try #require(example["value"])))
          #expect(answer.status == 200, "\(method) \(path) \(name): \(answer.text.prefix(300))")
        }
      }
    }
  }

  @Test func theDocumentThatIsServedKnowsTheLimits() throws {
    try withService {
      $0.limits.samplesCountMax = 3
      $0.limits.waitSecondsMax = 9
    } _: { _, client in
      let document = try client.get("/openapi.json").json()
      let served = Contract(document)
      let request: JSONValue = ["count": 3]
      let schema = try #require(served.schemas.components["SamplesRequest"])
      #expect(served.schemas.faults(of: request, schema).isEmpty)
      #expect(!served.schemas.faults(of: ["count": 4], schema).isEmpty)
      let parameters =
        document["paths"]?["/v1/inversions/{id}"]?["get"]?["parameters"]?.elements ?? []
      let wait = parameters.first { $0["name"] == "wait" }
      #expect(wait?["schema"]?["maximum"] == 9)
    }
  }

  /// Every object of a document, but not the examples in it.
  private static func visit(_ value: JSONValue, _ body: (JSONObject) -> Void) {
    switch value {
    case .object(let object):
      body(object)
      for (key, member) in object.members where key != "examples" && key != "example" {
        visit(member, body)
      }
    case .array(let elements):
      for element in elements { visit(element, body) }
    default: break
    }
  }
}
