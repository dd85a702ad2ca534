import Documents
import Foundation
import HTTP
import Jobs
import Logging
import Service
import Testing

/// Runs `body` against a service on a free port and a database of its own, and stops it.
func withService(
  bundled: Bool = false, workers: Int = 1,
  _ adjust: (inout PreimageService.Configuration) -> Void = { _ in },
  _ body: (PreimageService, ServiceClient) throws -> Void
) throws {
  try withDatabasePath { path in
    try withService(at: path, bundled: bundled, workers: workers, adjust, body)
  }
}

/// Runs `body` with the path of a database that is not there yet, and removes it.
func withDatabasePath(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "preimage-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.appending(path: "test.sqlite").path)
}

/// One life of a service on a database.
func withService(
  at databasePath: String, bundled: Bool = false, workers: Int = 1,
  _ adjust: (inout PreimageService.Configuration) -> Void = { _ in },
  _ body: (PreimageService, ServiceClient) throws -> Void
) throws {
  var configuration = PreimageService.Configuration()
  configuration.databasePath = databasePath
  configuration.offersBundledGenerators = bundled
  configuration.workers.workerCount = workers
  configuration.stopGraceSeconds = 10
  configuration.logger.logLevel = .critical
  adjust(&configuration)
  let service = try PreimageService(configuration)
  let address = try service.start()
  defer { service.stop() }
  try body(service, ServiceClient(address: address))
}

extension ServiceClient {
  /// Uploads the small generator and returns its document.
  @discardableResult
  func uploadSmall(
    name: String = "small", scale: Float = 1, architecture: JSONValue = SmallGenerator.architecture
  ) throws -> JSONValue {
    let answer = try send(
      "POST", "/v1/generators?name=\(name)",
      .bytes(
        SmallGenerator.file(scale: scale, architecture: architecture),
        type: "application/octet-stream"))
    #expect(answer.status == 201, "\(answer.text)")
    return try answer.json()
  }

  /// Submits and waits until it is finished.
  func inverted(_ request: JSONValue) throws -> JSONValue {
    let answer = try post("/v1/inversions", request, fields: ["Prefer": "wait=50"])
    #expect(answer.status == 200, "\(answer.text)")
    return try answer.json()
  }

  /// The inversion once it is finished.
  func finished(_ id: String) throws -> JSONValue {
    let inversion = try get("/v1/inversions/\(id)?wait=50").json()
    let status = inversion["status"]?.string ?? ""
    #expect(!["queued", "running"].contains(status), "still \(status)")
    return inversion
  }

  /// The inversion once a worker holds it.
  func running(_ id: String) throws -> JSONValue {
    var inversion = try get("/v1/inversions/\(id)").json()
    while inversion["status"]?.string == "queued" {
      let known = "\"\(Int(inversion["revision"]?.number ?? 0))\""
      let answer = try get(
        "/v1/inversions/\(id)?wait=20", fields: ["If-None-Match": known])
      try #require(answer.status == 200, "it stays queued")
      inversion = try answer.json()
    }
    return inversion
  }

  /// A request that keeps a worker busy until it is canceled.
  static func endless(_ generator: String) -> JSONValue {
    [
      "generator": .string(generator), "observation": ["values": SmallGenerator.unreachable],
      "solver": [
        "type": "adam", "iterations_max": 100_000, "restarts_max": 4096, "starts": "prior",
      ],
    ]
  }
}
