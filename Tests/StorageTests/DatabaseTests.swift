// Opening a database: one process, our file, our version; and its durability.

import Dispatch
import Foundation
import Jobs
import Storage
import Synchronization
import Testing

@Suite("Database")
struct DatabaseTests {
  @Test("a second opening is refused with the holder's pid, and allowed after closing")
  func lock() throws {
    let temporary = try TemporaryDatabase()
    let pid = Int(ProcessInfo.processInfo.processIdentifier)
    #expect(throws: StorageError.locked(path: temporary.path, holderPID: pid)) {
      try Database(path: temporary.path)
    }
    #expect(
      StorageError.locked(path: "p", holderPID: 5).description.contains("process 5"))
    try temporary.database.close()
    let again = try Database(path: temporary.path)
    try again.close()
  }

  @Test("of writes that share a commit, those that fail leave nothing and the others are whole")
  func sharedCommits() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let outcomes = race(threads: 24) { thread in
      (0..<20).map { place -> Bool in
        var submission = JobSubmission.sample("job-\(thread)-\(place)", labels: ["k": "v"])
        // Refused within the transaction, as the last of the checks.
        if (thread + place) % 3 == 0 { submission.subject = "missing" }
        do {
          return try temporary.jobs.add(submission).isNew
        } catch {
          return false
        }
      }
    }.joined()
    #expect(outcomes.count { $0 } == 320)
    #expect(try temporary.jobs.statistics(now: Date()).counts[.queued] == 320)
    for thread in 0..<24 {
      for place in 0..<20 {
        let job = try temporary.jobs.find("job-\(thread)-\(place)")
        #expect((job == nil) == ((thread + place) % 3 == 0))
        #expect(job == nil || job?.labels == ["k": "v"])
      }
    }
  }

  @Test("submissions that keep no thread waiting are answered as those that do, each for itself")
  func submissionsWithoutAThread() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let answers = Mutex<[String: Result<EnqueuedJob, JobStoreError>]>([:])
    let group = DispatchGroup()
    for place in 0..<400 {
      var submission = JobSubmission.sample("job-\(place % 300)", labels: ["k": "v"])
      if place % 3 == 0 { submission.subject = "missing" }
      if place % 7 == 1 { submission.priority = 5000 }
      group.enter()
      temporary.jobs.enqueue(submission, admission: JobAdmission(), now: moment(0)) { result in
        answers.withLock { $0["\(place)"] = result }
        group.leave()
      }
      // Those that wait are taken along.
      if place % 50 == 0 { try temporary.jobs.add(.sample("waiting-\(place)")) }
    }
    group.wait()
    for (place, answer) in answers.withLock({ $0 }) {
      let place = try #require(Int(place))
      switch answer {
      case .success(let enqueued):
        #expect(place % 3 != 0 && place % 7 != 1)
        #expect(try temporary.jobs.find("job-\(place % 300)") == enqueued.job)
      case .failure(.subjectMissing): #expect(place % 3 == 0 && place % 7 != 1)
      case .failure(.invalidSubmission(let field, _)):
        #expect(place % 7 == 1 && field == "priority")
      case .failure(let error): Issue.record("\(place): \(error)")
      }
    }
    #expect(answers.withLock { $0.count } == 400)
    try temporary.database.close()
    let isRefused = Mutex(false)
    group.enter()
    temporary.jobs.enqueue(.sample("late"), admission: JobAdmission(), now: moment(0)) { result in
      if case .failure(.unavailable) = result { isRefused.withLock { $0 = true } }
      group.leave()
    }
    group.wait()
    #expect(isRefused.withLock { $0 })
  }

  @Test("who finds nobody committing commits; the others wait and are taken together")
  func lineOfWrites() {
    final class Turn {}
    var line = CommitLine<Turn>()
    let turns = (0..<5).map { _ in Turn() }
    let joined = turns.map { line.join($0) }
    #expect(joined == [true, false, false, false, false])
    let first = line.take(atMost: 2)
    #expect(first.elementsEqual(turns[1...2], by: ===))
    let leader = line.next()
    #expect(leader === turns[3])
    let second = line.take(atMost: 9)
    #expect(second.elementsEqual(turns[4...], by: ===))
    let last = line.next()
    #expect(last == nil)
    let isFree = line.join(turns[0])
    #expect(isFree)
  }

  @Test("a database of a newer version is refused and left as it is")
  func newerSchema() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    try temporary.database.executeRaw("INSERT INTO grdb_migrations VALUES ('9999-future')")
    try temporary.database.close()
    for _ in 0..<2 {
      #expect(
        throws: StorageError.newerSchema(path: temporary.path, migrations: ["9999-future"])
      ) {
        try Database(path: temporary.path)
      }
    }
  }

  @Test("what is stored is there after opening again")
  func reopen() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    let job = try temporary.jobs.add(.sample("a", labels: ["k": "v"])).job
    try temporary.database.close()
    let again = try Database(path: temporary.path)
    #expect(try SQLiteJobStore(database: again).find("a") == job)
    #expect(try GeneratorStore(database: again).find(id: "gen") != nil)
    try again.close()
  }

  @Test("a file that was closed holds everything by itself")
  func closing() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    for index in 0..<20 { try temporary.jobs.add(.sample("job-\(index)")) }
    // Readers that are open.
    _ = try temporary.jobs.find("job-1")
    try temporary.database.close()
    let log = URL(fileURLWithPath: temporary.path + "-wal")
    #expect(((try? Data(contentsOf: log)) ?? Data()).isEmpty)
    let copy = temporary.path + "-copy"
    try FileManager.default.copyItem(atPath: temporary.path, toPath: copy)
    let database = try Database(path: copy)
    #expect(try SQLiteJobStore(database: database).find("job-19") != nil)
    try database.close()
  }

  @Test("files of others are refused and not changed")
  func foreign() throws {
    let folder = try TemporaryDatabase.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/text.sqlite"
    let text = Data(String(repeating: "this is not a database\n", count: 100).utf8)
    try text.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: StorageError.self) { try Database(path: path) }
    guard case .corrupt = error else {
      Issue.record("expected corrupt, got \(String(describing: error))")
      return
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)

    let temporary = try TemporaryDatabase()
    try temporary.database.executeRaw("PRAGMA application_id = 7")
    try temporary.database.close()
    #expect(throws: StorageError.foreignDatabase(path: temporary.path)) {
      try Database(path: temporary.path)
    }
  }

  @Test("a first start that was cut short before its mark is taken up; a file with tables is not")
  func unmarked() throws {
    let temporary = try TemporaryDatabase()
    let path = temporary.folder + "/begun.sqlite"
    // What is left of a process that ended between choosing how the file is kept and marking it.
    for statement in [
      "ATTACH DATABASE '\(path)' AS begun", "PRAGMA begun.auto_vacuum = INCREMENTAL",
      "PRAGMA begun.user_version = 0", "DETACH DATABASE begun",
    ] { try temporary.database.executeRaw(statement) }
    #expect((try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0) > 0)
    let taken = try Database(path: path)
    #expect(try taken.executeRaw("PRAGMA application_id") == "\(0x5052_4549)")
    #expect(try taken.executeRaw("PRAGMA auto_vacuum") == "2")
    try taken.checkWritable()
    try taken.executeRaw("PRAGMA application_id = 0")
    try taken.close()
    #expect(throws: StorageError.foreignDatabase(path: path)) { try Database(path: path) }
  }

  @Test("a folder that does not exist is an error that names it")
  func noFolder() throws {
    let error = #expect(throws: StorageError.self) { try Database(path: "/nowhere/at/all.sqlite") }
    #expect(error?.description.contains("/nowhere/at/all.sqlite") == true)
  }

  @Test("acceptance is flushed to the disk; what can be done again waits for the next flush")
  func durability() throws {
    let temporary = try TemporaryDatabase()
    let database = temporary.database
    try temporary.addGenerator("gen")
    #expect(try database.executeRaw("PRAGMA journal_mode") == "wal")
    #expect(try database.executeRaw("PRAGMA foreign_keys") == "1")
    try temporary.jobs.add(.sample("a"))
    #expect(try database.executeRaw("PRAGMA synchronous") == "2")
    let lease = try #require(try temporary.jobs.take()).lease
    #expect(try database.executeRaw("PRAGMA synchronous") == "1")
    _ = try temporary.jobs.finish(
      lease, report: JobReport(outcome: .succeeded), now: moment(1))
    #expect(try database.executeRaw("PRAGMA synchronous") == "1")
    try temporary.jobs.add(.sample("b"))
    let other = try #require(try temporary.jobs.take()).lease
    _ = try temporary.jobs.finish(other, report: JobReport(outcome: .canceled), now: moment(1))
    #expect(try database.executeRaw("PRAGMA synchronous") == "2")
  }

  @Test("readiness follows whether the database can be written")
  func writable() throws {
    let temporary = try TemporaryDatabase()
    try temporary.database.checkWritable()
    #expect(temporary.database.byteCount > 4096)
    try temporary.database.executeRaw("PRAGMA query_only = ON")
    #expect(throws: StorageError.self) { try temporary.database.checkWritable() }
    try temporary.database.executeRaw("PRAGMA query_only = OFF")
    try temporary.database.checkWritable()
    try temporary.database.close()
    #expect(throws: StorageError.self) { try temporary.database.checkWritable() }
  }
}
