// A job query as SQL that walks an index in the order of the list.

import Foundation
import GRDB
import Jobs

/// Turns a query into one statement whose cost is that of the page, not of the archive.
struct JobSelection {
  private let query: JobQuery

  init(_ query: JobQuery) {
    self.query = query
  }

  /// The query as text that is the same exactly for the same query: page tokens carry its digest.
  var filters: String {
    var fields: [String] = []
    func add(_ name: String, _ value: String?) {
      if let value { fields.append("\(name)=\(value.utf8.count):\(value)") }
    }
    add("client", query.client)
    add("subject", query.subject)
    for state in query.states.map(\.rawValue).sorted() { add("state", state) }
    add("method", query.method)
    add("verdict", query.verdict)
    for (key, value) in query.labels.sorted(by: { $0.key < $1.key }) {
      add("label", key)
      add("is", value)
    }
    add("after", query.createdAfter.map { "\($0.microseconds)" })
    add("before", query.createdBefore.map { "\($0.microseconds)" })
    add("residual", query.residualMax.map { "\($0)" })
    add("batch", query.batch)
    return "jobs;" + fields.joined(separator: ";")
  }

  /// - Parameter position: where the page before ended.
  func statement(
    after position: PagePosition?, limit: Int
  ) -> (sql: String, arguments: StatementArguments) {
    // One branch a state: an index on (state, created_at) gives one state in order but not
    // several, and SQLite merges ordered branches lazily.
    let states: [JobState?] =
      query.states.isEmpty ? [nil] : query.states.sorted { $0.rawValue < $1.rawValue }
    let branches = states.map { branch($0, after: position) }
    let sql = branches.map(\.sql).joined(separator: "\nUNION ALL\n")
    return (
      sql + "\nORDER BY created_at DESC, seq DESC LIMIT ?",
      branches.reduce(StatementArguments()) { $0 + $1.arguments } + [limit]
    )
  }

  private func branch(
    _ state: JobState?, after position: PagePosition?
  ) -> (sql: String, arguments: StatementArguments) {
    var conditions = SQLConditions()
    var labels = query.labels.sorted { $0.key < $1.key }[...]
    // A label is the rarest of filters: the first one leads, in its own index's order.
    let lead = labels.popFirst()
    let place = lead == nil ? "jobs" : "lead"
    let source =
      lead == nil ? "jobs" : "job_labels AS lead CROSS JOIN jobs ON jobs.seq = lead.seq"
    if let lead { conditions.add("lead.key = ? AND lead.value = ?", lead.key, lead.value) }
    for (key, value) in labels {
      conditions.add(
        """
        EXISTS (SELECT 1 FROM job_labels AS other
          WHERE other.seq = jobs.seq AND other.key = ? AND other.value = ?)
        """, key, value)
    }
    if let state { conditions.add("jobs.state = ?", state.rawValue) }
    if let subject = query.subject { conditions.add("jobs.subject = ?", subject) }
    if let verdict = query.verdict { conditions.add("jobs.verdict = ?", verdict) }
    if let method = query.method { conditions.add("jobs.method = ?", method) }
    if let batch = query.batch { conditions.add("jobs.batch = ?", batch) }
    if let client = query.client { conditions.add("jobs.client = ?", client) }
    if let residualMax = query.residualMax { conditions.add("jobs.residual <= ?", residualMax) }
    if let after = query.createdAfter {
      conditions.add("\(place).created_at > ?", after.microseconds)
    }
    if let before = query.createdBefore {
      conditions.add("\(place).created_at < ?", before.microseconds)
    }
    if let position {
      conditions.add(
        "(\(place).created_at, \(place).seq) < (?, ?)", position.createdAt, position.sequence)
    }
    let columns = JobRow.columns(position: place)
    return (
      "SELECT \(columns) FROM \(source) WHERE \(conditions.sql)", conditions.arguments
    )
  }
}
