// The generators that were uploaded.

import Foundation
import GRDB
import Jobs

/// Stores, finds and removes generators.
public struct GeneratorStore: Sendable {
  private let database: Database
  private let blobs: BlobStore

  public init(database: Database) {
    self.database = database
    self.blobs = BlobStore(database: database)
  }

  /// Stores a generator, or gives the one with the same weights and architecture that its owner can
  /// see. What others have stored makes no difference.
  ///
  /// - Parameter bytesMax: what the owner may have stored in all; `nil` for no limit.
  /// - Throws: `nameTaken`; `clientFull`; `blobMissing` when the weights are not stored; what writing may throw.
  public func insert(
    _ new: NewGenerator, bytesMax: Int? = nil, now: Date
  ) throws(StorageError) -> InsertedGenerator {
    try database.write(.flushed) { db in try insert(new, bytesMax: bytesMax, now: now, db) }
  }

  /// Stores all of them, or, when one cannot be or the process dies, none.
  ///
  /// - Throws: as `insert` of one does.
  public func insert(together all: [NewGenerator], now: Date) throws(StorageError) {
    try database.write(.flushed) { db in
      for new in all { _ = try insert(new, bytesMax: nil, now: now, db) }
    }
  }

  private func insert(
    _ new: NewGenerator, bytesMax: Int?, now: Date, _ db: GRDB.Database
  ) throws -> InsertedGenerator {
    let hasher = ContentDigest.Hasher()
    hasher.update(new.blob.digest.bytes)
    hasher.update(new.architecture)
    let identity = hasher.finalize()
    let owner = new.owner.stored
    if let existing = try fetchOne(
      db, "generators.identity = ? AND generators.client IN (?, '*')", [identity.data, owner])
    {
      return InsertedGenerator(generator: existing, isNew: false)
    }
    if let name = new.name,
      let holder = try String.fetchOne(
        db, sql: "SELECT id FROM generators WHERE name = ? AND client IN (?, '*')",
        arguments: [name, owner])
    {
      throw StorageError.nameTaken(name: name, id: holder)
    }
    try ClientAccounts.requireRoom(for: new.blob.byteCount, of: owner, bytesMax: bytesMax, db)
    guard let blobID = try BlobStore.readyID(new.blob.digest, db) else {
      throw StorageError.blobMissing(new.blob.digest)
    }
    try db.execute(
      sql: """
        INSERT INTO generators (id, client, name, blob_id, format, parameter_count, identity,
          created_at, summary, architecture) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        new.id, owner, new.name, blobID, new.format, new.parameterCount, identity.data,
        now.microseconds, Data(new.summary), Data(new.architecture),
      ])
    guard let stored = try fetchOne(db, "generators.id = ?", [new.id]) else {
      throw StorageError.corrupt(detail: "the generator '\(new.id)' vanished while inserted")
    }
    return InsertedGenerator(generator: stored, isNew: true)
  }

  /// The generator with this id.
  public func find(id: String) throws(StorageError) -> StoredGenerator? {
    try database.read { db in try fetchOne(db, "generators.id = ?", [id]) }
  }

  /// The generator with this id or, if there is none, with this name, of those that the client can
  /// see: its own before everybody's.
  public func find(
    _ idOrName: String, visibleTo client: String
  ) throws(StorageError) -> StoredGenerator? {
    try database.readStatement { db in
      try Row.fetchOne(
        db.cachedStatement(sql: GeneratorStore.visibleSelection),
        arguments: [idOrName, idOrName, client, idOrName]
      ).map(GeneratorStore.decode)
    }
  }

  /// Whether any generator is everybody's.
  public func hasAnyOfEverybody() throws(StorageError) -> Bool {
    try database.read { db in
      try Int.fetchOne(db, sql: "SELECT 1 FROM generators WHERE client = '*' LIMIT 1") != nil
    }
  }

  /// The canonical architecture document; `nil` when there is no such generator.
  public func architecture(of id: String) throws(StorageError) -> [UInt8]? {
    try database.read { db in
      try Row.fetchOne(
        db, sql: "SELECT architecture FROM generators WHERE id = ?", arguments: [id]
      )?.bytes(0)
    }
  }

  /// Generators that match, newest first; pages that follow each other's tokens hold each once.
  ///
  /// - Throws: `pageSizeInvalid`, `pageTokenInvalid`, or what reading may throw.
  public func list(
    _ query: GeneratorQuery, page: PageRequest
  ) throws(StorageError) -> GeneratorPage {
    guard page.hasValidSize else { throw .pageSizeInvalid(size: page.size) }
    let filters = "generators \(String(reflecting: query))"
    var conditions = SQLConditions()
    if let client = query.visibleTo { conditions.add("generators.client IN (?, '*')", client) }
    if let name = query.name { conditions.add("generators.name = ?", name) }
    if let format = query.format { conditions.add("generators.format = ?", format) }
    if let token = page.token {
      do throws(PagePosition.Refusal) {
        let position = try PagePosition(token: token, filters: filters)
        conditions.add(
          "(generators.created_at, generators.seq) < (?, ?)", position.createdAt,
          position.sequence)
      } catch {
        throw .pageTokenInvalid(reason: error.reason)
      }
    }
    let sql = """
      \(GeneratorStore.selection) WHERE \(conditions.sql)
      ORDER BY generators.created_at DESC, generators.seq DESC LIMIT ?
      """
    let arguments = conditions.arguments + [page.size + 1]
    return try database.read { db in
      let rows = try Row.fetchAll(db, sql: sql, arguments: arguments)
      let generators = try rows.prefix(page.size).map(GeneratorStore.decode)
      guard rows.count > page.size else {
        return GeneratorPage(generators: generators, nextToken: nil)
      }
      let last = rows[page.size - 1]
      let position = PagePosition(createdAt: last[7], sequence: last[8])
      return GeneratorPage(generators: generators, nextToken: position.token(filters: filters))
    }
  }

  /// Removes a generator, and its weights if no other uses them. Finished jobs keep its id and name.
  ///
  /// - Throws: `generatorMissing`, `inUse`, or what writing may throw.
  public func delete(_ id: String) throws(StorageError) {
    let dropped = try database.write(.flushed) { db in
      guard let generator = try fetchOne(db, "generators.id = ?", [id]) else {
        throw StorageError.generatorMissing(id: id)
      }
      let unfinished = try Int.fetchOne(
        db,
        sql: """
          SELECT COUNT(*) FROM jobs WHERE subject = ? AND state IN ('queued', 'running')
          """, arguments: [id])
      if let unfinished, unfinished > 0 {
        throw StorageError.inUse(id: id, unfinishedJobs: unfinished)
      }
      try db.execute(sql: "DELETE FROM generators WHERE id = ?", arguments: [id])
      return try blobs.dropIfUnused(generator.blob.digest, db)
    }
    if let dropped { try blobs.purge(dropped) }
  }

  private static let selection = """
    SELECT generators.id, name, digest, byte_count, format, parameter_count, summary,
      generators.created_at, generators.seq, generators.client
    FROM generators JOIN blobs ON blobs.id = generators.blob_id
    """

  private static let visibleSelection = """
    \(selection) WHERE (generators.id = ? OR generators.name = ?) AND generators.client IN (?, '*')
    ORDER BY generators.id = ? DESC, generators.client = '*' LIMIT 1
    """

  private func fetchOne(
    _ db: GRDB.Database, _ condition: String, _ arguments: StatementArguments
  ) throws -> StoredGenerator? {
    try Row.fetchOne(
      db.cachedStatement(sql: "\(GeneratorStore.selection) WHERE \(condition)"),
      arguments: arguments
    ).map(GeneratorStore.decode)
  }

  private static func decode(_ row: Row) throws -> StoredGenerator {
    guard let digest = ContentDigest(bytes: try row.bytes(2) ?? []) else {
      throw StorageError.corrupt(detail: "a generator's digest is not 32 bytes")
    }
    return StoredGenerator(
      id: row[0], owner: GeneratorOwner(stored: row[9]), name: row[1],
      blob: Blob(digest: digest, byteCount: row[3]), format: row[4],
      summary: try row.bytes(6) ?? [], parameterCount: row[5],
      createdAt: Date(microseconds: row[7]))
  }
}
