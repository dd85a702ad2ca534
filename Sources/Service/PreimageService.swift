import Documents
import Foundation
import HTTP
import HTTPTypes
import Inversion
import Jobs
import Logging
import Storage
import Synchronization

/// The service as a whole: storage, workers and endpoints behind one HTTP server.
public final class PreimageService: Sendable {
  public static let version = "0.1.0"

  public struct Configuration: Sendable {
    public var databasePath = "preimage.sqlite"
    public var server = ServerConfiguration()
    public var workers = WorkerPoolConfiguration(
      workerCount: ProcessInfo.processInfo.activeProcessorCount)
    public var limits = ServiceLimits()
    /// Whether an empty database is given the bundled generators.
    public var offersBundledGenerators = true
    /// How long a stop waits for requests and workers, in seconds.
    public var stopGraceSeconds = 20.0
    public var logger = Logger(label: "preimage")

    public init() {}
  }

  let parts: ServiceParts
  private let configuration: Configuration
  private let server = Mutex<HTTPServer?>(nil)

  /// Opens the database; nothing runs yet.
  ///
  /// - Throws: `StorageError` when the database cannot be opened.
  public init(_ configuration: Configuration) throws(StorageError) {
    self.configuration = configuration
    let database = try Database(path: configuration.databasePath)
    let jobs = SQLiteJobStore(database: database)
    let generators = GeneratorStore(database: database)
    let blobs = BlobStore(database: database)
    let library = GeneratorLibrary(
      generators: generators, blobs: blobs, limits: configuration.limits)
    let changes = JobChanges()
    let clock = JobClock.steady()
    let metrics = ServiceMetrics()
    let logger = configuration.logger
    var workers = configuration.workers
    workers.abandonedError = JSONWriter.bytes(of: Self.abandoned.document(requestID: nil))
    let pool = WorkerPool(
      store: jobs,
      runner: InversionRunner(
        library: library, encoders: EncoderLibrary(),
        measurementLimits: configuration.limits.measurements,
        secondsMax: configuration.limits.inversionSecondsMax, logger: logger),
      changes: changes, configuration: workers, clock: clock
    ) { event in
      metrics.record(event)
      Self.log(event, logger)
    }
    parts = ServiceParts(
      limits: configuration.limits, database: database, generators: generators, blobs: blobs,
      jobs: jobs, library: library, pool: pool, changes: changes,
      waiting: JobWaiting(store: jobs, changes: changes, logger: logger),
      events: EventStreams(
        store: jobs, changes: changes, countMax: configuration.limits.eventStreamsMax,
        pingSeconds: configuration.limits.eventPingSeconds, logger: logger), clock: clock,
      metrics: metrics, readiness: Readiness(database: database), logger: logger)
  }

  /// Starts workers and server, and returns the address it listens at.
  ///
  /// - Throws: when storage refuses, or the address cannot be had.
  public func start() throws -> SocketAddress {
    if configuration.offersBundledGenerators { try seedBundledGenerators() }
    try parts.pool.start()
    var serverConfiguration = configuration.server
    serverConfiguration.errorResponse = { failure, requestID in
      Problem(failure).response(requestID: requestID)
    }
    let metrics = parts.metrics
    serverConfiguration.accessLog = { metrics.record($0) }
    let server = HTTPServer(configuration: serverConfiguration, router: router)
    let address = try server.start()
    self.server.withLock { $0 = server }
    parts.readiness.enter(.ready)
    return address
  }

  /// Stops accepting, lets requests and workers come to an end, hands unfinished inversions back
  /// to the queue, and closes the database. Blocks; at most twice the grace.
  public func stop() {
    parts.readiness.enter(.draining)
    let server = server.withLock { $0 }
    server?.stopAccepting()
    let taken = parts.pool.drain(graceSeconds: configuration.stopGraceSeconds)
    if !taken.isEmpty {
      configuration.logger.warning(
        "inversions were taken from workers that did not stop",
        metadata: ["ids": "\(taken.joined(separator: " "))"])
    }
    parts.waiting.answerAll()
    parts.events.endAll()
    server?.stop(graceSeconds: configuration.stopGraceSeconds)
    do {
      try parts.database.close()
    } catch {
      configuration.logger.error("the database did not close", metadata: ["error": "\(error)"])
    }
  }

  /// What is said of an inversion whose every attempt was lost with its worker.
  private static let abandoned = Problem(
    .internalServerError, "attempts_exhausted",
    "The worker was lost in every attempt at this inversion; submit it again.")

  /// Whether new work is taken.
  package var readiness: Readiness { parts.readiness }
  /// The stored weights.
  package var blobs: BlobStore { parts.blobs }

  /// Every endpoint.
  package var router: Router {
    var router = Router()
    let groups: [any EndpointGroup] = [
      OperatingEndpoints(
        parts: parts,
        serverStatistics: { [weak self] in
          self?.server.withLock { $0 }?.statistics ?? ServerStatistics()
        },
        openAPI: JSONWriter.bytes(of: OpenAPIDocument(limits: parts.limits).document)),
      CatalogueEndpoints(), GeneratorEndpoints(parts: parts), UploadEndpoint(parts: parts),
      WeightsEndpoint(parts: parts), SamplesEndpoint(parts: parts),
      DiagnosticsEndpoint(parts: parts),
      MeasuringEndpoint(parts: parts),
      SubmissionEndpoint(parts: parts), InversionEndpoints(parts: parts),
      EventsEndpoint(parts: parts), BatchEndpoints(parts: parts),
      BatchSubmissionEndpoint(parts: parts), InferenceEndpoints(parts: parts),
      InversionOutputEndpoints(parts: parts), UncertaintyEndpoint(parts: parts),
      InversionListEndpoints(parts: parts),
    ]
    for group in groups { group.add(to: &router) }
    return router
  }

  private static func log(_ event: PoolEvent, _ logger: Logger) {
    switch event {
    case .started(let job):
      logger.debug("inversion started", metadata: ["id": "\(job.id)"])
    case .settled(let id, let state, let seconds):
      logger.info(
        "inversion finished",
        metadata: ["id": "\(id)", "status": "\(state.rawValue)", "seconds": "\(seconds)"])
    case .released(let id):
      logger.info("inversion handed back to the queue", metadata: ["id": "\(id)"])
    case .leaseLost(let id):
      logger.warning("a worker lost its lease", metadata: ["id": "\(id)"])
    case .unresponsive(let id):
      logger.error("a worker did not stop when told to", metadata: ["id": "\(id)"])
    case .recovered(let recovery):
      logger.notice("inversions of an earlier process", metadata: ["recovery": "\(recovery)"])
    case .expired(let ids):
      logger.info("inversions ran out of time in the queue", metadata: ["count": "\(ids.count)"])
    case .storeFailed(let operation, let error):
      logger.error(
        "storage failed", metadata: ["during": "\(operation.rawValue)", "error": "\(error)"])
    }
  }
}
