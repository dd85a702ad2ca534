// What is a client's own: names, ids, results, and the account that its quotas are held against.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Clients")
struct ClientTests {
  private func add(
    _ id: String, of owner: GeneratorOwner, named name: String? = nil,
    content: [UInt8] = [1, 2, 3],
    bytesMax: Int? = nil, to temporary: TemporaryDatabase
  ) throws -> InsertedGenerator {
    let blob = try temporary.store(content)
    defer { try? temporary.blobs.release(blob) }
    var new = NewGenerator.sample(id, name: name, blob: blob)
    new.owner = owner
    return try temporary.generators.insert(new, bytesMax: bytesMax, now: Date())
  }

  @Test("generators of one client are nothing to another; everybody's are to all")
  func generators() throws {
    let temporary = try TemporaryDatabase()
    let store = temporary.generators
    let one = try add("a", of: .client("one"), named: "n", to: temporary)
    let two = try add("b", of: .client("two"), named: "n", to: temporary)
    #expect(one.isNew && two.isNew)
    #expect(try store.find("n", visibleTo: "one")?.id == "a")
    #expect(try store.find("n", visibleTo: "two")?.id == "b")
    #expect(try store.find("a", visibleTo: "two") == nil)
    #expect(try store.find("n", visibleTo: "three") == nil)
    #expect(try !store.hasAnyOfEverybody())
    let all = try add("c", of: .everybody, named: "n", to: temporary)
    #expect(all.isNew)
    #expect(try store.hasAnyOfEverybody())
    #expect(try store.find("n", visibleTo: "three")?.id == "c")
    // One's own goes before everybody's.
    #expect(try store.find("n", visibleTo: "one")?.id == "a")
    let seen = try store.list(GeneratorQuery(visibleTo: "one"), page: PageRequest()).generators
    #expect(Set(seen.map(\.id)) == ["a", "c"])
    // What everybody has is not stored again for one, nor is its name free.
    #expect(try !add("d", of: .client("three"), to: temporary).isNew)
    #expect(throws: StorageError.nameTaken(name: "n", id: "c")) {
      try add("e", of: .client("three"), named: "n", content: [9], to: temporary)
    }
    // One content, however many have it.
    #expect(try temporary.count("blobs") == 1)
    for id in ["a", "b", "c"] { try store.delete(id) }
    #expect(try temporary.count("blobs") == 0)
  }

  @Test("a name that a client chose for a job is its own")
  func names() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for client in ["one", "two", ""] {
      var submission = JobSubmission.sample(
        SQLiteJobStore.id(of: "order", client: client), client: client)
      submission.name = "order"
      #expect(try temporary.jobs.add(submission).isNew)
      #expect(try !temporary.jobs.add(submission).isNew)
    }
    for client in ["one", "two", ""] {
      let job = try #require(try temporary.jobs.find("order", of: client))
      #expect(job.client == client && job.publicID == "order")
      // The id in the store is no name for it.
      #expect(try temporary.jobs.find(job.id, of: client) == nil)
    }
    #expect(try temporary.jobs.find("order", of: "three") == nil)
    try temporary.jobs.add(.sample("inv", client: "one"))
    #expect(try temporary.jobs.find("inv", of: "one") != nil)
    #expect(try temporary.jobs.find("inv", of: "two") == nil)
  }

  @Test("latents of one client are not found by another")
  func latents() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let jobs = temporary.jobs
    for client in ["one", "two"] {
      try jobs.add(.sample(client, client: client))
      let lease = try #require(try jobs.take()).lease
      let latent = withUnsafeBytes(of: Float(1)) { Array($0) }
      let report = JobReport(outcome: .succeeded, outputs: ["latent": latent])
      #expect(try jobs.finish(lease, report: report, now: moment(1)))
    }
    for subject in ["gen", nil] {
      let found = try jobs.nearestLatents(client: "two", subject: subject, to: [1], limit: 9)
      #expect(found.map(\.job.id) == ["two"])
    }
    #expect(try jobs.nearestLatents(subject: nil, to: [1], limit: 9).count == 2)
  }

  @Test("accounts follow what is stored and what is unfinished, to the byte")
  func accounts() throws {
    let temporary = try TemporaryDatabase()
    let database = temporary.database
    func account(_ client: String) throws -> [Int] {
      let account = try database.account(of: client)
      return [account.storedBytes, account.unfinishedJobs]
    }
    #expect(try account("one") == [0, 0])
    _ = try add(
      "gen", of: .client("one"), content: [UInt8](repeating: 7, count: 100), to: temporary)
    #expect(try account("one") == [100, 0])
    let jobs = temporary.jobs
    var submission = JobSubmission.sample("a", client: "one")
    submission.document = [UInt8](repeating: 1, count: 10)
    submission.input = [UInt8](repeating: 2, count: 30)
    try jobs.add(submission)
    try jobs.add(submission)
    #expect(try account("one") == [140, 1])
    let lease = try #require(try jobs.take()).lease
    #expect(try account("one") == [140, 1])
    #expect(try jobs.release(lease, now: moment(1)))
    let again = try #require(try jobs.take(at: 1)).lease
    let report = JobReport(
      outcome: .succeeded, document: [1, 2], outputs: ["x": [1], "y": [2, 3]])
    #expect(try jobs.finish(again, report: report, now: moment(2)))
    #expect(try account("one") == [145, 0])
    try jobs.delete("a")
    #expect(try account("one") == [100, 0])
    try temporary.generators.delete("gen")
    #expect(try account("one") == [0, 0])
    #expect(try account("two") == [0, 0])
  }

  @Test("a client's quotas hold exactly, and are one client's alone")
  func quotas() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let jobs = temporary.jobs
    func enqueue(_ id: String, _ client: String, bytesMax: Int? = nil) throws -> EnqueuedJob {
      try jobs.enqueue(
        .sample(id, client: client),
        admission: JobAdmission(clientUnfinishedMax: 2, clientBytesMax: bytesMax), now: moment(0))
    }
    for id in ["a", "b"] { #expect(try enqueue(id, "one").isNew) }
    #expect(throws: JobStoreError.clientBusy(unfinishedMax: 2)) { try enqueue("c", "one") }
    // The same submission again is still the same job.
    #expect(try !enqueue("a", "one").isNew)
    #expect(try enqueue("d", "two").isNew)
    _ = try jobs.requestCancel("a", now: moment(1))
    #expect(try enqueue("c", "one").isNew)

    let size = JobSubmission.sample("e").document.count + 3
    #expect(try enqueue("e", "three", bytesMax: size).isNew)
    #expect(
      throws: JobStoreError.clientFull(storedBytes: size, addedBytes: size, bytesMax: 2 * size - 1)
    ) { try enqueue("f", "three", bytesMax: 2 * size - 1) }
    #expect(try enqueue("f", "three", bytesMax: 2 * size).isNew)

    #expect(throws: StorageError.clientFull(storedBytes: 0, addedBytes: 5, bytesMax: 4)) {
      try add("g", of: .client("four"), content: [1, 2, 3, 4, 5], bytesMax: 4, to: temporary)
    }
    #expect(
      try add("g", of: .client("four"), content: [1, 2, 3, 4, 5], bytesMax: 5, to: temporary).isNew)
  }
}
