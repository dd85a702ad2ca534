// Databases of earlier versions, opened by this one.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Migrations")
struct MigrationTests {
  /// A generator of 5 bytes, a job that waits and one that succeeded, as version 0004 had them.
  private static let old =
    [
      """
      INSERT INTO blobs (id, state, digest, byte_count)
      VALUES (1, 'ready', x'\(String(repeating: "ab", count: 32))', 5)
      """,
      "INSERT INTO blob_chunks VALUES (1, 0, x'0102030405')",
      """
      INSERT INTO generators (seq, id, name, blob_id, format, parameter_count, identity, created_at,
        summary, architecture)
      VALUES (7, 'gen', 'fashion', 1, 'npz', 3, x'\(String(repeating: "cd", count: 32))', 1000000,
        x'7b7d', x'7b7d')
      """,
    ]
    + ["waiting", "done"].map { id in
      """
      INSERT INTO jobs (id, client, subject, subject_name, state, priority, method, created_at,
        queued_at, attempts_max, request_digest)
      VALUES ('\(id)', '', 'gen', 'fashion', 'queued', 0, 'adam', 1000000, 1000000, 3,
        x'\(String(repeating: "00", count: 32))')
      """
    }
    + [
      "INSERT INTO job_requests SELECT seq, x'7b7d' FROM jobs",
      "INSERT INTO job_inputs SELECT seq, x'010203' FROM jobs",
      "INSERT INTO job_labels SELECT seq, 'k', 'v', created_at FROM jobs",
      """
      UPDATE jobs SET state = 'running', worker = 'w', lease_expires_at = 1, started_at = 1,
        attempt = 1 WHERE id = 'done'
      """,
      """
      UPDATE jobs SET state = 'succeeded', worker = NULL, lease_expires_at = NULL,
        completed_at = 2 WHERE id = 'done'
      """,
      "INSERT INTO job_results SELECT seq, x'7b7d' FROM jobs WHERE id = 'done'",
      "INSERT INTO job_outputs SELECT seq, 'latent', x'0000803f' FROM jobs WHERE id = 'done'",
      "INSERT INTO job_latents SELECT 'gen', seq, x'0000803f' FROM jobs WHERE id = 'done'",
    ]

  @Test("what was stored before there were clients is the unnamed client's, and is counted")
  func clients() throws {
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/old.sqlite"
    try Database.make(at: path, upTo: "0004-job-contents", statements: Self.old)
    // Beside its owner nothing is brought up to date.
    #expect(throws: StorageError.schemaIncomplete(path: path)) { try Database(beside: path) }
    let database = try Database(path: path)
    defer { try? database.close() }

    let generators = GeneratorStore(database: database)
    let generator = try #require(try generators.find("fashion", visibleTo: ""))
    #expect(generator.id == "gen" && generator.owner == .client(""))
    #expect(try generators.find("fashion", visibleTo: "one") == nil)
    #expect(try !generators.hasAnyOfEverybody())

    let jobs = SQLiteJobStore(database: database)
    for query in [
      JobQuery(client: ""), JobQuery(client: "", subject: "gen"),
      JobQuery(client: "", method: "adam"),
      JobQuery(client: "", labels: ["k": "v"]),
    ] {
      #expect(try Set(jobs.list(query, page: PageRequest()).jobs.map(\.id)) == ["waiting", "done"])
    }
    let nearest = try jobs.nearestLatents(client: "", subject: "gen", to: [1], limit: 5)
    #expect(nearest.map(\.job.id) == ["done"])
    // 5 of weights; 2 + 3 of each request and input; 2 + 4 of the result and its output.
    var account = try database.account(of: "")
    #expect(account.storedBytes == 5 + 2 * 5 + 6 && account.unfinishedJobs == 1)
    let claimed = try #require(try jobs.take(at: 10))
    #expect(claimed.job.id == "waiting")
    #expect(
      try jobs.finish(claimed.lease, report: JobReport(outcome: .succeeded), now: moment(11)))
    for id in ["waiting", "done"] { try jobs.delete(id) }
    try generators.delete("gen")
    account = try database.account(of: "")
    #expect(account.storedBytes == 0 && account.unfinishedJobs == 0)
    #expect(try database.executeRaw("PRAGMA foreign_key_check") == nil)
    #expect(try database.executeRaw("PRAGMA integrity_check") == "ok")
  }
}
