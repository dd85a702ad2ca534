import Documents
import Foundation
import HTTP
import HTTPTypes
import Inversion
import Jobs
import Logging
import Networks
import Storage

/// Endpoints that belong together, one file a group.
protocol EndpointGroup: Sendable {
  func add(to router: inout Router)
}

/// What endpoints work with.
struct ServiceParts: Sendable {
  /// What requests are held to; may change between one and the next.
  struct Bounds: Sendable {
    var limits: ServiceLimits
    var quotas: ClientQuotas
  }

  let bounds: Adjustable<Bounds>
  let database: Database
  let tokens: TokenStore
  let generators: GeneratorStore
  let blobs: BlobStore
  let jobs: SQLiteJobStore
  let library: GeneratorLibrary
  let pool: WorkerPool
  let changes: JobChanges
  let waiting: JobWaiting
  let events: EventStreams
  let clock: JobClock
  let metrics: ServiceMetrics
  let readiness: Readiness
  let journal: Journal?
  let logger: Logger

  var limits: ServiceLimits { bounds.value.limits }
  var quotas: ClientQuotas { bounds.value.quotas }

  /// An endpoint that answers at once; whatever it throws becomes a problem document.
  func answering(_ body: @escaping @Sendable (Request) throws -> Response) -> RouteHandler {
    .queued { request in
      do {
        return coded(try body(request), request.field(.acceptEncoding))
      } catch {
        return refusal(error, requestID: request.id)
      }
    }
  }

  /// The response as a client with this `Accept-Encoding` wants it.
  func coded(_ response: Response, _ acceptEncoding: String?) -> Response {
    response.coded(acceptEncoding: acceptEncoding, bytesMin: limits.compressedBytesMin)
  }

  /// - Parameter bytes: that the database will grow by, where that is known.
  /// - Throws: `Problem` 503 while the server starts or drains; 507 while there is no room for more.
  func checkAccepting(_ bytes: Int = 0) throws(Problem) {
    switch readiness.phase {
    case .ready: break
    case .starting:
      throw Problem(
        .serviceUnavailable, "starting", "The server is starting; try again.", retryAfterSeconds: 1)
    case .draining:
      throw Problem(
        .serviceUnavailable, "draining", "The server is shutting down; send this to another.",
        retryAfterSeconds: 10)
    }
    do { try readiness.checkRoom(for: bytes) } catch { throw Problem(error) }
  }

  /// What the client is told of an error; what is the server's own fault goes to the log.
  func refusal(_ error: any Error, requestID: String) -> Response {
    var problem = Problem(error, requestID: requestID, log: logger)
    if let error = error as? JobStoreError, let seconds = retryAfterSeconds(error) {
      problem.retryAfterSeconds = seconds
    }
    if problem.code == "storage_full" { readiness.noteFull(problem.detail, now: clock.now()) }
    metrics.record(problem)
    return problem.response(requestID: requestID)
  }

  /// When room should have been made in a queue, from how quickly inversions finish.
  private func retryAfterSeconds(_ error: JobStoreError) -> Int? {
    switch error {
    case .queueFull: retryAdvice.queueFull
    case .clientBusy:
      retryAdvice.clientBusy(
        clientCount: (try? jobs.statistics(now: clock.now()).waitingClientCount) ?? 1)
    default: nil
    }
  }

  private var retryAdvice: RetryAdvice { metrics.retryAdvice(at: clock.now(), pool.status) }

  /// The stored generator that the document of an inversion names.
  func generator(askedFor name: String, by client: String) throws -> StoredGenerator {
    guard let generator = try generators.find(name, visibleTo: client) else {
      throw DocumentError.unprocessable(
        "/generator", "there is no generator \"\(name.prefix(128))\"")
    }
    return generator
  }

  /// What an inversion of so many observed numbers is thought to need of memory.
  ///
  /// - Throws: `Problem` 422 when that is more than all inversions may have.
  func memoryBytes(
    _ asked: InversionRequest, _ generator: StoredGenerator, observedCount: Int
  ) throws -> Int {
    let bytes = MemoryEstimate(
      generator: try MemoryEstimate.Size(summary: generator.summary),
      observedCount: observedCount, waves: asked.waves
    ).bytes
    guard bytes <= limits.memoryBytesMax else {
      let detail =
        "The inversion would need about \(bytes) bytes of memory, and all that run may have "
        + "\(limits.memoryBytesMax); give the solver fewer restarts_max."
      throw Problem(
        .unprocessableContent, "memory_over_limit", detail,
        errors: [.init(pointer: "/solver", detail: detail)])
    }
    return bytes
  }

  /// The stored generator that the path names by id or name.
  func generator(of request: Request) throws -> StoredGenerator {
    let name = request.parameter("id") ?? ""
    guard let generator = try generators.find(name, visibleTo: request.client) else {
      throw Problem.notFound("generator", name)
    }
    return generator
  }

  /// The job that the path names, if it is the client's.
  func job(of request: Request) throws -> Job {
    let id = request.parameter("id") ?? ""
    guard let job = try jobs.find(id, of: request.client) else {
      throw Problem.notFound("inversion", id)
    }
    return job
  }

  /// The job that the path names, if it is the client's, with its documents.
  func record(of request: Request) throws -> JobRecord {
    let id = request.parameter("id") ?? ""
    guard let record = try jobs.record(of: id, of: request.client) else {
      throw Problem.notFound("inversion", id)
    }
    return record
  }

  /// Counts and logs an inversion that was canceled before any worker took it.
  func tellCanceledInQueue(_ job: Job) {
    metrics.recordCanceledInQueue()
    journal?.record(job, job.state, report: nil, seconds: nil)
  }

  /// What may be accepted of one client.
  var admission: JobAdmission {
    JobAdmission(
      queuedMax: limits.queueLengthMax,
      clientUnfinishedMax: quotas.limit(quotas.unfinishedInversionsMax),
      clientBytesMax: quotas.limit(quotas.storageBytesMax), ageingSeconds: limits.ageingSeconds)
  }

  /// The inversion as clients see it.
  func inversion(_ job: Job, distance: Double? = nil) throws -> [UInt8] {
    InversionDocument.bytes(
      job, try jobs.documents(of: [job.id])[job.id], distance: distance)
  }
}

extension Request {
  /// `page_size` and `page_token`.
  func page() throws(Problem) -> PageRequest {
    let token = queryValue("page_token")
    if let token, !PageRequest.isToken(token) {
      throw .malformed(
        "invalid_page_token",
        "page_token is \"\(token.prefix(64))\", which no list gave; start again without one.")
    }
    return PageRequest(
      size: try queryInteger("page_size", in: PageRequest.sizes) ?? PageRequest.defaultSize,
      token: token)
  }
}
