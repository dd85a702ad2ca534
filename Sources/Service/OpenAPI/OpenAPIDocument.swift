import Documents

/// The description of the API that clients and tools read [OpenAPI 3.1].
enum OpenAPIDocument {
  static let document: JSONValue = [
    "openapi": "3.1.0",
    "info": ["title": "Preimage", "version": .string(PreimageService.version)],
    "paths": [:],
  ]
}
