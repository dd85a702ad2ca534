import Documents
import Jobs

/// A job as the inversion that clients see.
enum InversionDocument {
  /// - Parameters:
  ///   - documents: of the same job; `nil` leaves out what they hold.
  ///   - distance: from a latent that was searched for.
  static func bytes(
    _ job: Job, _ documents: JobDocuments?, distance: Double? = nil
  ) -> [UInt8] {
    var object = JSONObjectWriter()
    object.add("id", .string(job.publicID))
    object.add("status", .string(job.state.rawValue))
    object.add("generator", .string(job.subject))
    object.add("generator_name", job.subjectName.map(JSONValue.string) ?? .null)
    if let documents { object.addMembers(ofObject: documents.request) }
    object.add("priority", JSONValue(job.priority))
    object.add("labels") { labels in
      for (key, value) in job.labels.sorted(by: { $0.key < $1.key }) {
        labels.add(key, .string(value))
      }
    }
    object.add("batch", job.batch.map { .string($0.batch) } ?? .null)
    object.add("batch_index", job.batch.map { JSONValue($0.index) } ?? .null)
    object.add("created_at", .string(Timestamp.text(job.createdAt)))
    object.add("started_at", job.startedAt.map { .string(Timestamp.text($0)) } ?? .null)
    object.add("completed_at", job.completedAt.map { .string(Timestamp.text($0)) } ?? .null)
    object.add("deadline", job.deadline.map { .string(Timestamp.text($0)) } ?? .null)
    object.add("attempt", JSONValue(job.attempt))
    object.add("attempts_max", JSONValue(job.attemptsMax))
    if let documents { object.add("attempts", .array(documents.attempts.map(attempt))) }
    object.add("revision", JSONValue(job.revision))
    object.add("progress", text: job.progress)
    object.add("result", text: documents?.result)
    object.add("timing") { timing in
      timing.add("queue_seconds", job.queueSeconds.map(JSONValue.number) ?? .null)
      timing.add("solve_seconds", job.solveSeconds.map(JSONValue.number) ?? .null)
    }
    object.add("error", text: job.error)
    if let distance { object.add("distance", .number(distance)) }
    let path = "/v1/inversions/\(job.publicID)"
    object.add("links") { links in
      links.add("self", .string(path))
      for part in ["events", "reconstruction", "latent", "uncertainty", "cancel"] {
        links.add(part, .string("\(path)/\(part)"))
      }
    }
    return object.finish()
  }

  private static func attempt(_ attempt: JobAttempt) -> JSONValue {
    [
      "attempt": JSONValue(attempt.number), "worker": .string(attempt.worker),
      "started_at": .string(Timestamp.text(attempt.startedAt)),
      "ended_at": attempt.endedAt.map { .string(Timestamp.text($0)) } ?? .null,
      "ending": attempt.ending.map { .string($0.rawValue) } ?? .null,
      "counted": .bool(attempt.isCounted),
    ]
  }

  /// What an event tells of a job that is under way.
  static func progress(_ job: Job) -> [UInt8] {
    var object = JSONObjectWriter()
    object.add("id", .string(job.publicID))
    object.add("status", .string(job.state.rawValue))
    object.add("attempt", JSONValue(job.attempt))
    object.add("revision", JSONValue(job.revision))
    object.add("progress", text: job.progress)
    return object.finish()
  }

  static func labels(_ labels: [String: String]) -> JSONValue {
    var object = JSONObject()
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) { object[key] = .string(value) }
    return .object(object)
  }

  /// `{"inversions": [...], "next_page_token": "..."}`
  static func list(_ items: [[UInt8]], nextToken: String?) -> [UInt8] {
    var array: [UInt8] = [UInt8(ascii: "[")]
    for (place, item) in items.enumerated() {
      if place > 0 { array.append(UInt8(ascii: ",")) }
      array.append(contentsOf: item)
    }
    array.append(UInt8(ascii: "]"))
    var object = JSONObjectWriter()
    object.add("inversions", text: array)
    if let nextToken { object.add("next_page_token", .string(nextToken)) }
    return object.finish()
  }
}
