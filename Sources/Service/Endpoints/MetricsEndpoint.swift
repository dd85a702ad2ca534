import HTTP
import HTTPTypes
import Jobs
import LinearAlgebra
import Storage

/// `GET /metrics`: how the service is doing, for Prometheus.
///
/// Labels are routes, statuses, codes and words of the catalogues: each family has a bounded number
/// of series, and nothing that a client made up is in any.
struct MetricsEndpoint: EndpointGroup {
  let parts: ServiceParts
  /// Of the server that these routes are served by, once it runs.
  let serverStatistics: @Sendable () -> ServerStatistics

  func add(to router: inout Router) {
    router.on(.get, "/metrics", parts.answering(metrics))
  }

  private func metrics(_ request: Request) throws -> Response {
    let counts = parts.metrics.now
    var text = MetricsText()
    text.family(
      "preimage_build_info", "The version that runs.", "gauge",
      [([("version", PreimageService.version), ("blas_core", OpenBLAS.coreName)], 1)])
    text.gauge(
      "preimage_ready", "Whether new work is taken: 1, or 0.",
      parts.readiness.obstacle(now: parts.clock.now()) == nil ? 1 : 0)
    addRequests(counts, to: &text)
    addServer(serverStatistics(), to: &text)
    try addQueue(to: &text)
    addInversions(counts, to: &text)
    text.counter(
      "preimage_storage_failures_total", "Writes of workers that storage refused.",
      counts.storeFailures)
    text.counter(
      "preimage_inversions_resumed_total",
      "Inversions finished that went on from where an earlier attempt had stood.", counts.resumed)
    text.gauge("preimage_storage_bytes", "Bytes of the database.", parts.database.byteCount)
    if let bytes = parts.database.freeBytes {
      text.gauge(
        "preimage_storage_available_bytes", "Bytes that the database's disk has left.", bytes)
    }
    text.counter(
      "preimage_log_lines_left_out_total", "Lines of the log that nobody read in time.",
      parts.journal?.leftOutCount ?? 0)
    ProcessStatistics.now()?.add(to: &text)
    return Response(
      .ok, fields: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: .bytes(Array(text.text.utf8)))
  }

  private func addRequests(_ counts: ServiceMetrics.Counts, to text: inout MetricsText) {
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
    text.family(
      "preimage_rejections_total",
      "Requests turned away for want of a right, of quota or of room, by the problem's code.",
      "counter",
      counts.rejections.sorted { $0.key < $1.key }.map { ([("reason", $0.key)], Double($0.value)) })
  }

  private func addServer(_ server: ServerStatistics, to text: inout MetricsText) {
    text.gauge(
      "preimage_http_connections_open", "Connections that are open.", server.connectionsOpen)
    text.family(
      "preimage_http_connections_total", "Connections by what became of them.", "counter",
      [
        ([("outcome", "accepted")], Double(server.connectionsAccepted)),
        ([("outcome", "rejected")], Double(server.connectionsRejected)),
      ])
    text.counter(
      "preimage_http_received_bytes_total", "Bytes read from clients.", server.bytesReceived)
    text.counter("preimage_http_sent_bytes_total", "Bytes sent to clients.", server.bytesSent)
    text.gauge(
      "preimage_http_handlers_running", "Handlers that hold a thread.", server.handlersRunning)
    text.gauge(
      "preimage_http_handlers_waiting", "Requests that wait for a thread.", server.handlersWaiting)
  }

  private func addQueue(to text: inout MetricsText) throws {
    let jobs = try parts.jobs.statistics(now: parts.clock.now())
    let pool = parts.pool.status
    text.family(
      "preimage_inversions", "Stored inversions by status.", "gauge",
      JobState.allCases.map { ([("status", $0.rawValue)], Double(jobs.counts[$0] ?? 0)) })
    text.gauge("preimage_queue_depth", "Inversions that wait.", jobs.counts[.queued] ?? 0)
    text.gauge(
      "preimage_queue_depth_max", "Inversions that may wait.", parts.limits.queueLengthMax)
    text.gauge(
      "preimage_queue_oldest_seconds", "How long the oldest queued inversion has waited.",
      jobs.oldestQueuedSeconds ?? 0)
    text.gauge("preimage_workers", "Worker threads.", pool.workerCount)
    text.gauge("preimage_workers_busy", "Worker threads that hold an inversion.", pool.busyCount)
    text.gauge(
      "preimage_workers_unresponsive", "Worker threads that did not stop when they were told to.",
      pool.unresponsiveCount)
  }

  private func addInversions(_ counts: ServiceMetrics.Counts, to text: inout MetricsText) {
    text.family(
      "preimage_inversions_finished_total",
      "Inversions finished since the start: what became of the job, what the mathematics says, why "
        + "it ended.", "counter",
      counts.endings.map {
        (
          [
            ("status", $0.key.status.rawValue), ("verdict", $0.key.verdict),
            ("reason", $0.key.reason),
          ], Double($0.value)
        )
      }.sorted { "\($0.0)" < "\($1.0)" })
    text.histogram(
      "preimage_inversion_duration_seconds", "Time a worker took for an inversion.",
      [([], counts.jobSeconds)])
    text.family(
      "preimage_solver_iterations_total", "Iterations, by the solver that was asked for.",
      "counter",
      counts.iterations.sorted { $0.key < $1.key }.map { ([("solver", $0.key)], Double($0.value)) })
    text.histogram(
      "preimage_batch_inversions", "Inversions of a batch, when it was accepted.",
      [([], counts.batchSizes)])
    text.histogram(
      "preimage_companion_inversions",
      "Inversions that a worker took together because they share generator, measurement and solver.",
      [([], counts.companionCounts)])
  }
}
