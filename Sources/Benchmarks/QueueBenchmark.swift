import ArgumentParser
import Dispatch
import Foundation
import Jobs
import LinearAlgebra
import Storage
import Synchronization

/// What the queue and the archive take by themselves, on the disk that the folder is on.
struct QueueBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "queue",
    abstract: "Claims and endings a second, work of 10 ms through the queue, and a large archive.",
    discussion: """
      Claims and endings: jobs that take no time, by several threads. Work of 10 ms: threads that \
      compute for so long a job, through a pool with its leases and writes against the same work \
      without one. Archive: finished jobs, of which a page is listed in several ways and the nearest \
      latents are searched.
      """)

  @Option(help: "Jobs that are claimed and ended.")
  var count = 10_000

  @Option(help: "Threads that claim.")
  var threads = 8

  @Option(help: "Finished jobs in the archive; 0 leaves it out.")
  var archive = 1_000_000

  @Option(help: "How many of these have a latent of 20 numbers.")
  var latents = 100_000

  @Option(help: "Rounds of work of 10 ms, each with 100 jobs.")
  var rounds = 21

  func run() throws {
    let folder = URL.temporaryDirectory.appending(path: "preimage-queue-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = try Database(path: folder.appending(path: "queue.sqlite").path)
    let jobs = SQLiteJobStore(database: database)
    try addSubject(to: database)
    try claimAndEnd(jobs)
    try workOfTenMilliseconds(jobs)
    if archive > 0 { try searchArchive(jobs, database) }
    try database.close()
  }

  private func addSubject(to database: Database) throws {
    let blobs = BlobStore(database: database)
    let writer = try blobs.makeWriter(byteCountMax: 1 << 20)
    try writer.append([1, 2, 3, 4])
    let blob = try writer.finish()
    _ = try GeneratorStore(database: database).insert(
      NewGenerator(
        id: "gen", name: nil, blob: blob, format: "safetensors", architecture: Array("{}".utf8),
        summary: Array("{}".utf8), parameterCount: 1), now: Date())
    try blobs.release(blob)
  }

  private static func submission(_ id: String) -> JobSubmission {
    JobSubmission(
      id: id, subject: "gen", document: Array(#"{"solver":{"type":"none"}}"#.utf8),
      input: [UInt8](repeating: 1, count: 3136), requestDigest: [UInt8](repeating: 0, count: 32),
      facets: JobFacets(method: "none"))
  }

  private func enqueue(_ count: Int, named name: String, _ jobs: SQLiteJobStore) throws {
    var common = Self.submission("batch-\(name)")
    common.input = []
    _ = try jobs.enqueue(
      BatchSubmission(
        common: common, document: Array("{}".utf8),
        members: (0..<count).map { ("\(name)-\($0)", [UInt8](repeating: 1, count: 3136)) }),
      admission: JobAdmission(queuedMax: .max), now: Date())
  }

  private static let report = JobReport(
    outcome: .succeeded, document: [UInt8](repeating: UInt8(ascii: "1"), count: 2000),
    outputs: [
      "latent": [UInt8](repeating: 1, count: 80),
      "reconstruction": [UInt8](repeating: 1, count: 3136),
    ])

  private func claimAndEnd(_ jobs: SQLiteJobStore) throws {
    try enqueue(count, named: "idle", jobs)
    let ended = Atomic(0)
    let (seconds, _) = Stopwatch.seconds {
      inThreads(threads) { thread in
        while let claimed = try? jobs.claim(worker: "w\(thread)", now: Date(), leaseSeconds: 30) {
          let isEnded = try? jobs.finish(claimed.lease, report: Self.report, now: Date())
          if isEnded == true { ended.wrappingAdd(1, ordering: .relaxed) }
        }
      }
    }
    let done = ended.load(ordering: .relaxed)
    print("claimed and ended by \(threads) threads: \((Double(done) / seconds).text()) a second")
  }

  /// Threads of their own: Dispatch would start no more than there are cores.
  private func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      Thread {
        body(index)
        group.leave()
      }.start()
    }
    group.wait()
  }

  /// Computes for ten milliseconds of processor time, whoever else computes.
  private struct Busy: JobRunner {
    func run(_ job: ClaimedJob, control: JobControl) -> JobReport {
      Self.work()
      return QueueBenchmark.report
    }

    static func work() {
      var values = [Float](repeating: 0.5, count: 4096)
      for _ in 0..<steps {
        for place in values.indices { values[place] = values[place] * 0.999 + 0.0005 }
      }
      precondition(values[0] == values[4095])
    }

    /// As many as take ten milliseconds of an idle core.
    static let steps: Int = {
      var values = [Float](repeating: 0.5, count: 4096)
      let (seconds, _) = Stopwatch.seconds {
        for _ in 0..<20_000 {
          for place in values.indices { values[place] = values[place] * 0.999 + 0.0005 }
        }
        precondition(values[0] == values[4095])
      }
      return max(Int(0.01 / (seconds / 20_000)), 1)
    }()
  }

  private func workOfTenMilliseconds(_ jobs: SQLiteJobStore) throws {
    let workers = ProcessInfo.processInfo.activeProcessorCount
    let count = 100
    _ = Busy.steps
    var ratios: [Double] = []
    var processor: [Double] = []
    for round in 0..<rounds {
      let atStart = Self.processorSeconds()
      let (inProcess, _) = Stopwatch.seconds {
        DispatchQueue.concurrentPerform(iterations: workers) { thread in
          for _ in stride(from: thread, to: count, by: workers) { Busy.work() }
        }
      }
      let inProcessTime = Self.processorSeconds() - atStart
      try enqueue(count, named: "busy-\(round)", jobs)
      let left = Atomic(count)
      let isOver = DispatchSemaphore(value: 0)
      let pool = WorkerPool(
        store: jobs, runner: Busy(), changes: JobChanges(),
        configuration: WorkerPoolConfiguration(workerCount: workers, niceIncrement: 0),
        clock: .steady()
      ) { event in
        guard case .settled = event else { return }
        if left.wrappingSubtract(1, ordering: .relaxed).newValue == 0 { isOver.signal() }
      }
      let beforeQueue = Self.processorSeconds()
      let (queued, _) = try Stopwatch.seconds {
        try pool.start()
        isOver.wait()
      }
      processor.append((Self.processorSeconds() - beforeQueue) / inProcessTime)
      pool.drain(graceSeconds: 5)
      ratios.append(queued / inProcess)
    }
    ratios.sort()
    let quarter = ratios.count / 4
    guard let low = ratios.dropFirst(quarter).first, let high = ratios.dropLast(quarter).last
    else { return }
    let spread = "half of \(rounds) rounds within \(low.text()) to \(high.text())"
    print(
      "jobs of 10 ms on \(workers) workers: \(ratios.median.text()) times in process, \(spread); "
        + "\(processor.median.text()) times the processor time")
  }

  /// Of all threads of this process.
  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  private func searchArchive(_ jobs: SQLiteJobStore, _ database: Database) throws {
    let (filling, _) = try Stopwatch.seconds {
      try fill(database)
    }
    print("archive of \(archive) finished jobs made in \(filling.text()) s")
    var table = Table(["", "ms, median of 21", "largest"])
    func time(_ name: String, _ body: () throws -> Void) throws {
      let seconds = try (0..<21).map { _ in try Stopwatch.seconds(body).0 }
      table.add([name, (1e3 * seconds.median).text(), (1e3 * (seconds.max() ?? 0)).text()])
    }
    let queries: [(String, JobQuery)] = [
      ("newest page of 50", JobQuery(client: "")),
      ("by state", JobQuery(client: "", states: [.succeeded])),
      ("by generator and verdict", JobQuery(client: "", subject: "gen", verdict: "recovered")),
      ("by label", JobQuery(client: "", labels: ["group": "7"])),
      ("by residual", JobQuery(client: "", residualMax: 0.5)),
    ]
    for (name, query) in queries {
      try time(name) { _ = try jobs.list(query, page: PageRequest(size: 50)) }
    }
    var token: String?
    for _ in 0..<200 {
      token = try jobs.list(JobQuery(client: ""), page: PageRequest(size: 1000, token: token))
        .nextToken
    }
    try time("page of 50 behind 200,000") {
      _ = try jobs.list(JobQuery(client: ""), page: PageRequest(size: 1000, token: token))
    }
    let target = [Float](repeating: 0.1, count: 20)
    try time("10 nearest of \(latents) latents") {
      _ = try jobs.nearestLatents(client: "", subject: "gen", to: target, limit: 10)
    }
    table.print()
  }

  /// Past the store, which would take an hour: rows as it leaves them.
  private func fill(_ database: Database) throws {
    let rows = """
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(archive))
      """
    for sql in [
      """
      \(rows) INSERT INTO jobs (id, client, subject, state, priority, method, verdict, residual,
        created_at, queued_at, attempts_max, request_digest)
      SELECT 'old-' || i, '', 'gen', 'queued', 0, 'none', 'recovered', i % 10, i, i, 3,
        zeroblob(32) FROM n
      """,
      """
      UPDATE jobs SET state = 'canceled', completed_at = created_at + 1 WHERE state = 'queued'
      """,
      """
      \(rows) INSERT INTO job_labels (seq, key, value, created_at)
      SELECT jobs.seq, 'group', i % 100, created_at FROM n JOIN jobs ON jobs.id = 'old-' || i
      """,
      """
      INSERT INTO job_latents (subject, seq, client, bytes)
      SELECT 'gen', seq, '', randomblob(80) FROM jobs WHERE id LIKE 'old-%' LIMIT \(latents)
      """,
    ] { try database.executeRaw(sql) }
  }
}
