// A sound database has no findings; each thing that can be wrong has one.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Checks of a database")
struct CheckTests {
  private func used() throws -> TemporaryDatabase {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for id in ["waiting", "running", "done"] {
      try temporary.jobs.add(.sample(id, labels: ["k": "v"], client: id))
    }
    for client in ["done", "running"] {
      let limits = ClaimLimits(clientRunningMax: 1)
      let claimed = try #require(try temporary.jobs.take(limits, at: 1))
      if client == "done" {
        let report = JobReport(
          outcome: .succeeded, document: [1], outputs: ["latent": [0, 0, 128, 63]])
        #expect(try temporary.jobs.finish(claimed.lease, report: report, now: moment(2)))
      } else {
        #expect(try temporary.jobs.checkpoint(claimed.lease, bytes: [1], now: moment(2)))
      }
    }
    _ = try temporary.jobs.enqueue(
      BatchSubmission(
        common: .sample("batch", client: "batch"), document: [],
        members: [(id: "first", input: [1]), (id: "second", input: [2])]),
      admission: JobAdmission(), now: moment(3))
    return temporary
  }

  @Test("a database in use is sound", arguments: [false, true])
  func sound(isFull: Bool) throws {
    let temporary = try used()
    #expect(try DatabaseCheck.findings(in: temporary.path, isFull: isFull) == [])
  }

  @Test(
    "what does not agree is found",
    arguments: [
      "UPDATE job_counts SET count = count + 1 WHERE state = 'queued'",
      "UPDATE clients SET unfinished = unfinished + 1",
      "UPDATE clients SET running = running + 1",
      "UPDATE clients SET head_key = NULL", "UPDATE clients SET bytes = bytes + 1",
      "DELETE FROM job_requests", "DELETE FROM job_inputs",
      "UPDATE jobs SET subject = 'another' WHERE state = 'queued'",
      "UPDATE job_attempts SET ended_at = NULL, ending = NULL",
      "UPDATE blobs SET state = 'dropped'", "UPDATE batches SET count = 1",
      "DROP TRIGGER job_checkpoints_running; "
        + "INSERT INTO job_checkpoints SELECT seq, x'00', 1 FROM jobs WHERE state = 'succeeded'",
      "PRAGMA foreign_keys = OFF; INSERT INTO job_results (seq, document) VALUES (999, x'00')",
    ])
  func disagreement(_ change: String) throws {
    let temporary = try used()
    for statement in change.split(separator: "; ") {
      try temporary.database.executeRaw(String(statement))
    }
    #expect(try DatabaseCheck.findings(in: temporary.path, isFull: false).count == 1, "\(change)")
  }

  @Test(
    "what only reading everything shows is found then",
    arguments: [
      "UPDATE job_results SET document = x'0102'",
      "UPDATE blob_chunks SET bytes = zeroblob(length(bytes))",
      "INSERT INTO job_latents (subject, seq, client, bytes) VALUES ('gen', 999, '', x'00')",
    ])
  func contents(_ change: String) throws {
    let temporary = try used()
    try temporary.database.executeRaw(change)
    #expect(try DatabaseCheck.findings(in: temporary.path, isFull: false) == [])
    #expect(try DatabaseCheck.findings(in: temporary.path, isFull: true).count == 1, "\(change)")
  }

  @Test("a database of an earlier version is sound as far as it goes")
  func earlier() throws {
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/old.sqlite"
    try Database.make(at: path, upTo: "0005-tokens", statements: [])
    #expect(try DatabaseCheck.findings(in: path, isFull: true) == [])
  }
}
