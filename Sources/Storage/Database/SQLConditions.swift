// Conditions of a query and their values, gathered one by one.

import Foundation
import GRDB

/// The `WHERE` of a list: conditions joined by "and". Values never become SQL text.
struct SQLConditions {
  private var terms: [String] = []
  private(set) var arguments = StatementArguments()

  /// Adds a condition with as many `?` as there are values.
  mutating func add(_ term: String, _ values: any DatabaseValueConvertible...) {
    terms.append(term)
    for value in values { arguments += [value] }
  }

  /// `TRUE` when there are none.
  var sql: String { terms.isEmpty ? "TRUE" : terms.joined(separator: " AND ") }
}

extension Row {
  /// A column's bytes, copied once; `nil` for NULL.
  func bytes(_ index: Int) throws -> [UInt8]? {
    try withUnsafeData(atIndex: index) { $0.map { Array($0) } }
  }
}
