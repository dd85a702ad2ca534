// A reading connection without GRDB between, for what is asked more often than all else.

import GRDBSQLite

/// One connection of one thread at a time: its owner sees to that. Statements are prepared once.
///
/// A pool's connection costs three times as much as a short read itself: queues, copies of rows, the
/// look for changes of the schema. Here a statement is stepped and its columns are read in place.
struct DirectConnection: ~Copyable {
  private let handle: OpaquePointer

  /// - Throws: `StorageError.io` when the file cannot be opened for reading.
  init(path: String) throws(StorageError) {
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw .io(detail: "a reading connection could not be opened: \(code)")
    }
    self.handle = handle
  }

  deinit { sqlite3_close_v2(handle) }

  /// - Throws: `StorageError.io` for what is not one statement of this schema.
  func prepare(_ sql: String) throws(StorageError) -> DirectStatement {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else {
      throw .io(detail: "a statement could not be prepared: \(code)")
    }
    return DirectStatement(statement)
  }
}

/// A prepared statement of a `DirectConnection`.
struct DirectStatement: ~Copyable {
  private let statement: OpaquePointer

  fileprivate init(_ statement: OpaquePointer) { self.statement = statement }

  deinit { sqlite3_finalize(statement) }

  /// Reads the rows that the parameters lead to, in order.
  ///
  /// - Parameter body: called with each row until it returns `false`.
  /// - Returns: whether SQLite answered. It does not wait: not for a lock either.
  @discardableResult
  func read(_ parameters: Parameter..., body: (DirectRow) throws -> Bool) rethrows -> Bool {
    try read(parameters, body: body)
  }

  func read(_ parameters: [Parameter], body: (DirectRow) throws -> Bool) rethrows -> Bool {
    defer { sqlite3_reset(statement) }
    for (place, parameter) in parameters.enumerated() {
      guard bind(parameter, at: Int32(place + 1)) == SQLITE_OK else { return false }
    }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_DONE: return true
      case SQLITE_ROW: if try !body(DirectRow(statement)) { return true }
      default: return false
      }
    }
  }

  enum Parameter {
    case text(String)
    case integer(Int64)
  }

  private func bind(_ parameter: Parameter, at place: Int32) -> Int32 {
    switch parameter {
    case .integer(let value): sqlite3_bind_int64(statement, place, value)
    case .text(let value):
      // SQLite takes a copy.
      sqlite3_bind_text(
        statement, place, value, Int32(value.utf8.count),
        unsafeBitCast(-1, to: sqlite3_destructor_type.self))
    }
  }
}

/// The row that a statement stands at. Valid until the statement moves on.
struct DirectRow {
  private let statement: OpaquePointer

  fileprivate init(_ statement: OpaquePointer) { self.statement = statement }

  func text(_ column: Int) -> String? {
    guard let start = sqlite3_column_text(statement, Int32(column)) else { return nil }
    let count = Int(sqlite3_column_bytes(statement, Int32(column)))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func integer(_ column: Int) -> Int64? {
    isNull(column) ? nil : sqlite3_column_int64(statement, Int32(column))
  }

  func number(_ column: Int) -> Double? {
    isNull(column) ? nil : sqlite3_column_double(statement, Int32(column))
  }

  func bytes(_ column: Int) -> [UInt8]? {
    if isNull(column) { return nil }
    let start = sqlite3_column_blob(statement, Int32(column))
    let count = Int(sqlite3_column_bytes(statement, Int32(column)))
    return Array(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The bytes where they stand; none for NULL.
  func withBytes(_ column: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
    let start = sqlite3_column_blob(statement, Int32(column))
    let count = Int(sqlite3_column_bytes(statement, Int32(column)))
    body(UnsafeRawBufferPointer(start: start, count: count))
  }

  private func isNull(_ column: Int) -> Bool {
    sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL
  }
}
