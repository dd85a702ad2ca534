import Dispatch
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
    public var access = AccessConfiguration()
    /// Whether an empty database is given the bundled generators.
    public var offersBundledGenerators = true
    /// How long a stop waits for requests and workers, in seconds.
    public var stopGraceSeconds = 20.0
    public var logger = Logger(label: "preimage")
    /// A line for every request and every inversion; none without it.
    public var journal: Journal?

    public init() {}
  }

  let parts: ServiceParts
  let requiresTokens: Bool
  let accessBounds: Adjustable<AccessBounds>
  let openAPI: Adjustable<[UInt8]>
  private let configuration: Configuration
  private let upkeep: StorageUpkeep
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
    let tokens = TokenStore(database: database)
    upkeep = StorageUpkeep(
      Retention(database: database, policy: configuration.limits.retention),
      every: configuration.limits.storageUpkeepSeconds, clock: clock, logger: configuration.logger)
    requiresTokens = configuration.access.requiresTokens(at: configuration.server.host)
    accessBounds = Adjustable(AccessBounds(configuration.access))
    openAPI = Adjustable([])
    let metrics = ServiceMetrics()
    let readiness = Readiness(
      database: database, freeBytesMin: configuration.limits.storageFreeBytesMin)
    let logger = configuration.logger
    var workers = configuration.workers
    workers.claimLimits.clientRunningMax = configuration.access.quotas.limit(
      configuration.access.quotas.runningInversionsMax)
    workers.claimLimits.memoryBytesMax = configuration.limits.memoryBytesMax
    workers.abandonedError = JSONWriter.bytes(of: Self.abandoned.document(requestID: nil))
    let events = JobEvents(
      metrics: metrics, journal: configuration.journal, store: jobs, clock: clock,
      logger: logger)
    let pool = WorkerPool(
      store: jobs,
      runner: InversionRunner(
        library: library, encoders: EncoderLibrary(),
        measurementLimits: configuration.limits.measurements,
        secondsMax: configuration.limits.inversionSecondsMax,
        checkpoints: CheckpointPolicy(configuration.limits), logger: logger),
      changes: changes, configuration: workers, clock: clock
    ) { event in
      events.record(event)
      readiness.note(event, now: clock.now())
    }
    parts = ServiceParts(
      bounds: Adjustable(
        ServiceParts.Bounds(limits: configuration.limits, quotas: configuration.access.quotas)),
      database: database, tokens: tokens, generators: generators, blobs: blobs,
      jobs: jobs, library: library, pool: pool, changes: changes,
      waiting: JobWaiting(store: jobs, changes: changes, logger: logger),
      events: EventStreams(
        store: jobs, changes: changes, countMax: configuration.limits.eventStreamsMax,
        pingSeconds: configuration.limits.eventPingSeconds,
        retryAfterSeconds: { streamCount in
          let counts = try? jobs.statistics(now: clock.now()).counts
          return metrics.retryAdvice(at: clock.now(), pool.status).streamsFull(
            unfinishedCount: (counts?[.queued] ?? 0) + (counts?[.running] ?? 0),
            streamCount: streamCount)
        }, logger: logger), clock: clock,
      metrics: metrics,
      readiness: readiness,
      journal: configuration.journal,
      logger: logger)
    openAPI.value = describe(configuration.limits)
  }

  /// Starts workers and server, and returns the address it listens at.
  ///
  /// - Throws: when storage refuses, or the address cannot be had.
  public func start() throws -> SocketAddress {
    try refuseWithoutTokens()
    if configuration.offersBundledGenerators { try seedBundledGenerators() }
    var serverConfiguration = configuration.server
    let metrics = parts.metrics
    serverConfiguration.errorResponse = { failure, requestID in
      let problem = Problem(failure)
      metrics.record(problem)
      return problem.response(requestID: requestID)
    }
    serverConfiguration.gate = gatekeeper.gate
    serverConfiguration.standingFields = SecurityFields.ofEveryAnswer
    let proxies = configuration.access.proxies
    serverConfiguration.isAddressExempt = { $0.isLoopback || proxies.contains($0.host) }
    let journal = configuration.journal
    serverConfiguration.accessLog = { record in
      metrics.record(record)
      journal?.record(record)
    }
    let server = HTTPServer(configuration: serverConfiguration, router: router)
    // Before the workers: one that cannot have its address must not have begun anything.
    let address = try server.start()
    do {
      try parts.pool.start()
    } catch {
      server.stop(graceSeconds: 0)
      throw error
    }
    upkeep.start()
    self.server.withLock { $0 = server }
    parts.readiness.enter(.ready)
    return address
  }

  /// Stops accepting, lets requests and workers come to an end, hands unfinished inversions back
  /// to the queue, and closes the database. Blocks, for no longer than the grace and what the
  /// database's own last writes take.
  ///
  /// - Returns: whether every worker has come to its end; `false` where some still compute, for nobody.
  @discardableResult
  public func stop() -> Bool {
    let begin = DispatchTime.now().uptimeNanoseconds
    parts.readiness.enter(.draining)
    let server = runningServer
    server?.stopAccepting()
    // The rest is for the answers of those who wait for what the workers hand back.
    let (areWorkersOver, taken) = parts.pool.drain(
      graceSeconds: 0.75 * configuration.stopGraceSeconds)
    if !taken.isEmpty {
      configuration.logger.warning(
        "inversions were taken from workers that did not stop",
        metadata: ["ids": "\(taken.joined(separator: " "))"])
    }
    parts.waiting.answerAll()
    parts.events.endAll()
    let elapsed = Double(DispatchTime.now().uptimeNanoseconds - begin) * 1e-9
    server?.stop(graceSeconds: configuration.stopGraceSeconds - elapsed)
    upkeep.stop()
    do {
      try parts.database.close()
    } catch {
      configuration.logger.error("the database did not close", metadata: ["error": "\(error)"])
    }
    configuration.journal?.flush()
    return areWorkersOver
  }

  /// What is said of an inversion whose every attempt was lost with its worker.
  private static let abandoned = Problem(
    .internalServerError, "attempts_exhausted",
    "The worker was lost in every attempt at this inversion: see its attempts. If the server died "
      + "each time, this inversion was the only one that it worked on, and may well be why.")

  /// Whether new work is taken.
  package var readiness: Readiness { parts.readiness }
  /// From the start on.
  var runningServer: HTTPServer? { server.withLock { $0 } }
  /// What everything is stored in.
  package var database: Database { parts.database }
  /// The stored weights.
  package var blobs: BlobStore { parts.blobs }

  /// Every endpoint.
  package var router: Router {
    var router = Router()
    let groups: [any EndpointGroup] = [
      MetricsEndpoint(
        parts: parts,
        serverStatistics: { [weak self] in
          self?.runningServer?.statistics ?? ServerStatistics()
        }),
      OperatingEndpoints(parts: parts, openAPI: openAPI),
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

  /// Those who can reach the server from elsewhere must show who they are, unless told otherwise.
  private func refuseWithoutTokens() throws {
    let host = configuration.server.host
    guard !AccessConfiguration.isLoopback(host) else { return }
    guard requiresTokens else {
      configuration.logger.warning(
        "access tokens are off: whoever reaches the server may use it",
        metadata: ["host": "\(host)"])
      return
    }
    guard try parts.tokens.hasValidToken(at: parts.clock.now()) else {
      throw AccessRefusal(host: host)
    }
  }

  private var gatekeeper: Gatekeeper {
    let clock = parts.clock
    return Gatekeeper(
      terms: Gatekeeper.terms(OpenAPIDocument.operations(parts.limits)),
      requiresTokens: requiresTokens,
      authenticator: Authenticator(
        tokens: parts.tokens,
        rememberedSeconds: { [accessBounds] in accessBounds.value.tokenMemorySeconds },
        now: clock.now, logger: configuration.logger),
      bounds: accessBounds, proxies: configuration.access.proxies, now: clock.now)
  }
}
