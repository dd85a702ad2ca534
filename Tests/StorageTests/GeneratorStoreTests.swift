// Generators: identity, names, lists, and what keeps one from being deleted.

import Foundation
import Jobs
import Storage
import Testing

@Suite("Generators")
struct GeneratorStoreTests {
  @Test("a generator is found by id and by name, with all that was stored")
  func find() throws {
    let temporary = try TemporaryDatabase()
    let stored = try temporary.addGenerator("gen_1", name: "fashion")
    #expect(try temporary.generators.find("gen_1", visibleTo: "") == stored)
    #expect(try temporary.generators.find("fashion", visibleTo: "") == stored)
    #expect(try temporary.generators.find("nothing", visibleTo: "") == nil)
    #expect(stored.parameterCount == 12 && stored.format == "safetensors")
    #expect(stored.summary == Array(#"{"layers":[]}"#.utf8))
    #expect(stored.createdAt == Date(timeIntervalSince1970: 1000))
    #expect(try temporary.generators.architecture(of: "gen_1") == Array("{}".utf8))
    #expect(try temporary.generators.architecture(of: "nothing") == nil)
  }

  @Test("the same weights and architecture are the same generator")
  func identity() throws {
    let temporary = try TemporaryDatabase()
    let blob = try temporary.store([1])
    let first = try temporary.generators.insert(.sample("a", name: "n", blob: blob), now: Date())
    let again = try temporary.generators.insert(.sample("b", name: "m", blob: blob), now: Date())
    #expect(first.isNew && !again.isNew && again.generator == first.generator)
    let other = try temporary.generators.insert(
      .sample("b", blob: blob, architecture: "{\"version\":1}"), now: Date())
    #expect(other.isNew)
    let racing = try temporary.store([2])
    let made = race(threads: 6) { thread in
      try? temporary.generators.insert(.sample("r\(thread)", blob: racing), now: Date())
    }
    #expect(made.count { $0?.isNew == true } == 1)
    #expect(Set(made.map { $0?.generator.id }).count == 1)
  }

  @Test("a name is given once, and absent names do not clash")
  func names() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("a", name: "fashion")
    try temporary.addGenerator("b")
    try temporary.addGenerator("c")
    #expect(throws: StorageError.nameTaken(name: "fashion", id: "a")) {
      try temporary.addGenerator("d", name: "fashion")
    }
    try temporary.generators.delete("a")
    try temporary.addGenerator("d", name: "fashion")
  }

  @Test("weights that are not stored are refused")
  func missingBlob() throws {
    let temporary = try TemporaryDatabase()
    let blob = try temporary.store([1])
    try temporary.blobs.release(blob)
    #expect(throws: StorageError.blobMissing(blob.digest)) {
      try temporary.generators.insert(.sample("a", blob: blob), now: Date())
    }
  }

  @Test("of generators that are stored together all are, or none")
  func together() throws {
    let temporary = try TemporaryDatabase()
    let first = NewGenerator.sample("a", name: "one", blob: try temporary.store([1]))
    let clashing = NewGenerator.sample("b", name: "one", blob: try temporary.store([2]))
    #expect(throws: StorageError.nameTaken(name: "one", id: "a")) {
      try temporary.generators.insert(together: [first, clashing], now: Date())
    }
    #expect(try temporary.generators.find("a", visibleTo: "") == nil)
    let second = NewGenerator.sample("b", name: "two", blob: try temporary.store([2]))
    try temporary.generators.insert(together: [first, second], now: Date())
    #expect(try temporary.generators.find("one", visibleTo: "")?.id == "a")
    #expect(try temporary.generators.find("two", visibleTo: "")?.id == "b")
  }

  @Test("unfinished jobs keep their generator")
  func inUse() throws {
    let temporary = try TemporaryDatabase()
    try temporary.addGenerator("gen")
    try temporary.jobs.add("a", in: .running)
    try temporary.jobs.add("b", in: .queued)
    #expect(throws: StorageError.inUse(id: "gen", unfinishedJobs: 2)) {
      try temporary.generators.delete("gen")
    }
    _ = try temporary.jobs.recover(.everyRunningJob, at: 1)
    _ = try temporary.jobs.requestCancel("a", now: moment(1))
    #expect(throws: StorageError.inUse(id: "gen", unfinishedJobs: 1)) {
      try temporary.generators.delete("gen")
    }
    _ = try temporary.jobs.requestCancel("b", now: moment(1))
    try temporary.generators.delete("gen")
    #expect(throws: StorageError.generatorMissing(id: "gen")) {
      try temporary.generators.delete("gen")
    }
  }

  @Test("lists are filtered and paged, newest first")
  func list() throws {
    let temporary = try TemporaryDatabase()
    for index in 0..<10 {
      let blob = try temporary.store([UInt8(index)])
      _ = try temporary.generators.insert(
        .sample(
          "g\(index)", name: "n\(index)", blob: blob, format: index % 2 == 0 ? "npz" : "onnx"),
        now: moment(Double(index / 3)))
    }
    func every(_ query: GeneratorQuery, _ size: Int) throws -> [String] {
      var ids: [String] = []
      var token: String?
      repeat {
        let page = try temporary.generators.list(query, page: PageRequest(size: size, token: token))
        ids += page.generators.map(\.id)
        token = page.nextToken
      } while token != nil
      return ids
    }
    let all = (0..<10).reversed().map { "g\($0)" }
    for size in [1, 3, 10, 1000] {
      #expect(try every(GeneratorQuery(), size) == all)
      #expect(
        try every(GeneratorQuery(format: "npz"), size) == ["g8", "g6", "g4", "g2", "g0"])
      #expect(try every(GeneratorQuery(name: "n4"), size) == ["g4"])
    }
    #expect(throws: StorageError.pageSizeInvalid(size: 0)) { try every(GeneratorQuery(), 0) }
    let first = try temporary.generators.list(GeneratorQuery(), page: PageRequest(size: 1))
    #expect(throws: StorageError.self) {
      try temporary.generators.list(
        GeneratorQuery(format: "npz"), page: PageRequest(size: 1, token: first.nextToken))
    }
  }
}
