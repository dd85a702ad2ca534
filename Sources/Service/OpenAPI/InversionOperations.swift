import Documents
import HTTPTypes

/// The operations on one inversion: submit, read, wait for, cancel, delete.
struct InversionOperations {
  let limits: ServiceLimits

  static let tag = "Inversions"
  static let path = "/v1/inversions/{id}"
  static let id = OperationParameter.path(
    "id", "The inversion's id.", example: .string(RequestExamples.inversionID))
  static let revision = (name: "ETag", text: "The revision.")

  var all: [Operation] { [submit, put, read, cancel, delete] }

  private var submit: Operation {
    submission(
      method: .post, path: "/v1/inversions", id: "createInversion",
      summary: "Invert an observation",
      parameters: [], conflict: [])
  }

  private var put: Operation {
    submission(
      method: .put, path: Self.path, id: "putInversion",
      summary: "Invert an observation under an id of the client's",
      parameters: [
        .path(
          "id",
          "1 to 128 of A-Z a-z 0-9 . _ -. The same id with the same body is the same "
            + "inversion.", example: .string(RequestExamples.inversionID))
      ], conflict: [Refusal(409, "id_taken")])
  }

  private func submission(
    method: HTTPRequest.Method, path: String, id: String, summary: String,
    parameters: [OperationParameter], conflict: [Refusal]
  ) -> Operation {
    let location = (name: "Location", text: "The inversion's path.")
    let applied = (name: "Preference-Applied", text: "The wait that was kept to, where preferred.")
    return Operation(
      method: method, path: path, id: id, tag: Self.tag, access: .needs(.inversionsWrite),
      summary: summary,
      details: """
        The inversion is accepted once it is on disk: it survives the death of the server, and is \
        done after the next start.
        """,
      parameters: parameters + [
        .header(
          "Prefer",
          "`wait=N`: answer with the finished inversion if it finishes within N seconds "
            + "[RFC 7240]; at most \(limits.waitSecondsMax).", example: "wait=20"),
        .header(
          "Idempotency-Key",
          "1 to 256 bytes of the client's: the same key and body give the same "
            + "inversion, another body is refused.", example: "\"8e03978e-40d5-43dd-bc93\""),
        .header(
          "traceparent", "The client's trace [W3C Trace Context], kept with the inversion.",
          example: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      ],
      body: OperationBody(
        content: [.json(Schema.named("InversionRequest"), examples: RequestExamples.inversions)],
        text: "At most \(limits.jsonBodyBytesMax) bytes, \(limits.jsonDepthMax) levels deep."),
      replies: [
        Reply(
          status: 202, text: "Accepted; poll its path, or wait there with `?wait=`.",
          content: [.json(Schema.named("Inversion"))], fields: [location, applied]),
        Reply(
          status: 200, text: "Finished within the preferred wait.",
          content: [.json(Schema.named("Inversion"))], fields: [location, applied]),
      ],
      refusals: [
        .ofQuery, Refusal(400, "invalid_idempotency_key"),
        Refusal(422, "idempotency_key_reused", "unknown_generator"),
        Refusal(429, "too_many_unfinished"), Refusal(503, "queue_full", "draining"), .storageFull,
      ] + conflict + Refusal.ofJSON)
  }

  private var read: Operation {
    Operation(
      method: .get, path: Self.path, id: "getInversion", tag: Self.tag,
      access: .needs(.inversionsRead), summary: "An inversion",
      details: """
        With `wait` the answer comes when the inversion is finished or, with `If-None-Match`, when \
        it is no longer the revision that the client knows; at the latest after that many seconds.
        """,
      parameters: [
        Self.id,
        .query(
          "wait", Schema.integer(0...limits.waitSecondsMax, default: 0), "Seconds to wait.",
          example: 20),
        .header(
          "If-None-Match", "Revisions that the client knows; 304 for them.", example: "\"3\""),
      ],
      replies: [
        inversion(200, "As it is.", fields: [Self.revision]),
        Reply(
          status: 304, text: "Still the revision that the client knows.", fields: [Self.revision]),
      ], refusals: [.ofQuery, .noInversion])
  }

  private var cancel: Operation {
    Operation(
      method: .post, path: "\(Self.path)/cancel", id: "cancelInversion", tag: Self.tag,
      access: .needs(.inversionsWrite),
      summary: "Stop an inversion",
      details: "A finished one is left as it is. What was found by then is kept as its result.",
      parameters: [Self.id],
      replies: [
        inversion(200, "Finished, be it by this."), inversion(202, "Running still; it will stop."),
      ], refusals: [.ofQuery, .noInversion, .storageFull])
  }

  private var delete: Operation {
    Operation(
      method: .delete, path: Self.path, id: "deleteInversion", tag: Self.tag,
      access: .needs(.inversionsWrite),
      summary: "Delete a finished inversion and its outputs", parameters: [Self.id],
      replies: [Reply(status: 204, text: "Deleted.")],
      refusals: [.ofQuery, .noInversion, Refusal(409, "inversion_not_finished"), .storageFull])
  }

  private func inversion(
    _ status: Int, _ text: String, fields: [(name: String, text: String)] = []
  ) -> Reply {
    Reply(
      status: status, text: text, content: [.json(Schema.named("Inversion"))], fields: fields)
  }
}
