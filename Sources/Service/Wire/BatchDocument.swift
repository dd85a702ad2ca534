import Documents
import Jobs

/// A batch as clients see it.
enum BatchDocument {
  static func bytes(_ batch: JobBatch) -> [UInt8] {
    var object = JSONObjectWriter()
    object.add("id", .string(batch.id))
    object.add("status", .string(status(batch)))
    object.add("generator", .string(batch.subject))
    object.add("generator_name", batch.subjectName.map(JSONValue.string) ?? .null)
    object.addMembers(ofObject: batch.document)
    object.add("count", JSONValue(batch.count))
    var counts: JSONObject = [:]
    for state in JobState.allCases { counts[state.rawValue] = JSONValue(batch.counts[state] ?? 0) }
    object.add("counts", .object(counts))
    object.add("created_at", .string(Timestamp.text(batch.createdAt)))
    let path = "/v1/batches/\(batch.id)"
    object.add(
      "links",
      [
        "self": .string(path), "inversions": .string("/v1/inversions?batch=\(batch.id)"),
        "latents": .string("\(path)/latents"),
        "reconstructions": .string("\(path)/reconstructions"),
        "cancel": .string("\(path)/cancel"),
      ])
    return object.finish()
  }

  static let statuses = ["queued", "running", "finished"]

  /// `queued` until the first inversion is taken up, `finished` once none is left to do.
  private static func status(_ batch: JobBatch) -> String {
    if batch.unfinishedCount == 0 { return "finished" }
    return batch.counts[.queued] == batch.count ? "queued" : "running"
  }

  /// `{"batches": [...], "next_page_token": "..."}`
  static func list(_ page: BatchPage) -> [UInt8] {
    var array: [UInt8] = [UInt8(ascii: "[")]
    for (place, batch) in page.batches.enumerated() {
      if place > 0 { array.append(UInt8(ascii: ",")) }
      array += bytes(batch)
    }
    array.append(UInt8(ascii: "]"))
    var object = JSONObjectWriter()
    object.add("batches", text: array)
    if let token = page.nextToken { object.add("next_page_token", .string(token)) }
    return object.finish()
  }
}
