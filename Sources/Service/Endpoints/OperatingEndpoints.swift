import Documents
import Foundation
import HTTP
import HTTPTypes
import Jobs
import LinearAlgebra
import Storage

/// What those who run the service ask: is it alive, is it ready, how is it doing, what is it.
struct OperatingEndpoints: EndpointGroup {
  let parts: ServiceParts
  let openAPI: Adjustable<[UInt8]>

  func add(to router: inout Router) {
    let alive = Response(
      .ok, fields: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
      body: .bytes(Array("ok\n".utf8)))
    router.on(.get, "/healthz", .inline { _ in alive })
    router.on(.get, "/readyz", parts.answering(ready))
    router.on(.get, "/version", parts.answering { _ in .json(.ok, Self.version) })
    let document = openAPI
    router.on(.get, "/openapi.json", parts.answering { _ in .json(.ok, document.value) })
    router.on(.get, "/", parts.answering { _ in .json(.ok, Self.discovery) })
  }

  private func ready(_ request: Request) throws -> Response {
    if let obstacle = parts.readiness.obstacle(now: parts.clock.now()) {
      throw Problem(.serviceUnavailable, "not_ready", obstacle, retryAfterSeconds: 5)
    }
    return Response(
      .ok, fields: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
      body: .bytes(Array("ready\n".utf8)))
  }

  private static let version: JSONValue = [
    "name": "preimage", "version": .string(PreimageService.version), "api": "v1",
    "blas": ["core": .string(OpenBLAS.coreName), "configuration": .string(OpenBLAS.configuration)],
  ]

  private static let discovery: JSONValue = [
    "name": "preimage", "version": .string(PreimageService.version),
    "links": [
      "openapi": "/openapi.json", "generators": "/v1/generators", "inversions": "/v1/inversions",
      "batches": "/v1/batches", "inference": "/v2",
      "solvers": "/v1/solvers", "measurements": "/v1/measurements", "noises": "/v1/noises",
      "layers": "/v1/layers",
      "health": "/healthz", "ready": "/readyz", "metrics": "/metrics",
    ],
  ]
}
