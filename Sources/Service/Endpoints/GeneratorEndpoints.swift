import Documents
import HTTP
import HTTPTypes
import Storage

/// `/v1/generators`: list, read, delete.
struct GeneratorEndpoints: EndpointGroup {
  let parts: ServiceParts

  func add(to router: inout Router) {
    router.on(.get, "/v1/generators", parts.answering(list))
    router.on(.get, "/v1/generators/{id}", parts.answering(read))
    router.on(.delete, "/v1/generators/{id}", parts.answering(delete))
  }

  private func list(_ request: Request) throws -> Response {
    try request.checkQuery(known: ["name", "format", "page_size", "page_token"])
    let page = try parts.generators.list(
      GeneratorQuery(
        visibleTo: request.client, name: request.queryValue("name"),
        format: request.queryValue("format")),
      page: try request.page())
    var object = JSONObjectWriter()
    var items: [UInt8] = [UInt8(ascii: "[")]
    for (place, generator) in page.generators.enumerated() {
      if place > 0 { items.append(UInt8(ascii: ",")) }
      items += GeneratorResource.bytes(generator)
    }
    items.append(UInt8(ascii: "]"))
    object.add("generators", text: items)
    if let token = page.nextToken { object.add("next_page_token", .string(token)) }
    return .json(.ok, object.finish())
  }

  private func read(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    return .json(.ok, GeneratorResource.bytes(try parts.generator(of: request)))
  }

  private func delete(_ request: Request) throws -> Response {
    try request.checkQuery(known: [])
    let generator = try parts.generator(of: request)
    guard generator.owner == .client(request.client) || request.isAdministrator else {
      throw Problem(
        .forbidden, "generator_of_everybody",
        "The generator \"\(generator.name ?? generator.id)\" is everybody's; deleting it needs the "
          + "scope \(Scope.admin.rawValue).")
    }
    try parts.generators.delete(generator.id)
    parts.library.forget(generator.id)
    return Response(.noContent)
  }
}
