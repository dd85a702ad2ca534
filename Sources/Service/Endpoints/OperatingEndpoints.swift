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
  /// Of the server that these routes are served by, once it runs.
  let serverStatistics: @Sendable () -> ServerStatistics
  let openAPI: [UInt8]

  func add(to router: inout Router) {
    let alive = Response(
      .ok, fields: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
      body: .bytes(Array("ok\n".utf8)))
    router.on(.get, "/healthz", .inline { _ in alive })
    router.on(.get, "/readyz", parts.answering(ready))
    router.on(.get, "/metrics", parts.answering(metrics))
    router.on(.get, "/version", parts.answering { _ in .json(.ok, Self.version) })
    let document = openAPI
    router.on(.get, "/openapi.json", parts.answering { _ in .json(.ok, document) })
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

  private func metrics(_ request: Request) throws -> Response {
    let counts = parts.metrics.now
    let server = serverStatistics()
    let jobs = try parts.jobs.statistics(now: parts.clock.now())
    let pool = parts.pool.status
    var text = MetricsText()
    text.family(
      "preimage_build_info", "The version that runs.", "gauge",
      [([("version", PreimageService.version), ("blas_core", OpenBLAS.coreName)], 1)])
    text.family(
      "preimage_http_requests_total", "Requests answered.", "counter",
      counts.requests.map {
        (
          [
            ("method", $0.key.method), ("route", $0.key.route), ("status", String($0.key.status)),
          ], Double($0.value)
        )
      }.sorted { "\($0.0)" < "\($1.0)" })
    text.histogram(
      "preimage_http_request_duration_seconds", "Time from a request's head to its answer's end.",
      counts.requestSeconds.sorted { $0.key < $1.key }.map { ([("route", $0.key)], $0.value) })
    text.gauge(
      "preimage_http_connections_open", "Connections that are open.", server.connectionsOpen)
    text.family(
      "preimage_http_connections_total", "Connections by what became of them.", "counter",
      [
        ([("outcome", "accepted")], Double(server.connectionsAccepted)),
        ([("outcome", "rejected")], Double(server.connectionsRejected)),
      ])
    text.family(
      "preimage_http_received_bytes_total", "Bytes read from clients.", "counter",
      [([], Double(server.bytesReceived))])
    text.family(
      "preimage_http_sent_bytes_total", "Bytes sent to clients.", "counter",
      [([], Double(server.bytesSent))])
    text.family(
      "preimage_inversions", "Stored inversions by status.", "gauge",
      JobState.allCases.map { ([("status", $0.rawValue)], Double(jobs.counts[$0] ?? 0)) })
    text.family(
      "preimage_queue_oldest_seconds", "How long the oldest queued inversion has waited.", "gauge",
      [([], jobs.oldestQueuedSeconds ?? 0)])
    text.family(
      "preimage_inversions_finished_total", "Inversions finished since the start.", "counter",
      JobState.allCases.filter(\.isFinished).map {
        ([("status", $0.rawValue)], Double(counts.settled[$0] ?? 0))
      })
    text.histogram(
      "preimage_inversion_duration_seconds", "Time a worker took for an inversion.",
      [([], counts.jobSeconds)])
    text.gauge("preimage_workers", "Worker threads.", pool.workerCount)
    text.gauge("preimage_workers_busy", "Worker threads that hold an inversion.", pool.busyCount)
    text.family(
      "preimage_storage_failures_total", "Writes of workers that storage refused.", "counter",
      [([], Double(counts.storeFailures))])
    text.gauge("preimage_storage_bytes", "Bytes of the database.", parts.database.byteCount)
    return Response(
      .ok, fields: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: .bytes(Array(text.text.utf8)))
  }
}
