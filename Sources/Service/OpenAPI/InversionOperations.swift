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

  /// What any submission may bring.
  static let submissionFields: [OperationParameter] = [
    .header(
      "Idempotency-Key",
      "1 to 256 visible characters of the client's, quoted or not: the same key and body give what they gave before, another "
        + "body is refused.", pattern: IdempotencyKey.pattern,
      example: "\"8e03978e-40d5-43dd-bc93\""),
    .header(
      "traceparent", "The client's trace [W3C Trace Context], kept with the inversion.",
      example: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
  ]

  var all: [Operation] { [submit, put, read, events, cancel, delete] }

  /// Of each event of the stream.
  private static let event = Schema.object(
    [
      "id": Schema.string("The revision."), "event": Schema.word(["progress", "completed"]),
      "data": Schema.string("JSON."), "retry": Schema.integer(),
    ], optional: ["id", "event", "data", "retry"], "One event, by its fields.")

  private var events: Operation {
    Operation(
      method: .get, path: "\(Self.path)/events", id: "listenToInversion", tag: Self.tag,
      access: .needs(.inversionsRead), summary: "What becomes of an inversion, as it happens",
      details: """
        Server-Sent Events [WHATWG HTML]: `progress` with `{"id", "status", "attempt", "revision", \
        "progress"}` whenever the inversion changes, at first as it is, and `completed` with the \
        whole inversion, after which the stream ends. The id of an event is the inversion's \
        revision. An event is a state, not a step: after a break `Last-Event-ID` brings the newest \
        state if the client does not know it. A comment every \(limits.eventPingSeconds) s keeps \
        the stream open. At most \(limits.eventStreamsMax) streams are open at the same time.
        """,
      parameters: [
        Self.id,
        .header(
          "Last-Event-ID", "The id of the last event that the client has.",
          pattern: "^[0-9]{1,18}$", example: "3"),
      ],
      replies: [
        Reply(
          status: 200, text: "The events.",
          content: [Content(mediaType: ServerSentEvent.mediaType, schema: Self.event)],
          fields: [("Cache-Control", "`no-store`")]),
        Reply(
          status: 204,
          text: "The client has the last event there will ever be; a browser stops asking."),
      ],
      refusals: [
        .ofQuery, Refusal(400, "invalid_last_event_id"), .noInversion,
        Refusal(503, "event_streams_full"),
      ])
  }

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
            + "[RFC 7240]; at most \(limits.waitSecondsMax).", example: "wait=2")
      ] + Self.submissionFields,
      body: OperationBody(
        content: [
          .json(Schema.named("InversionRequest"), examples: RequestExamples.inversions),
          Content(mediaType: "multipart/form-data", schema: FormSchemas.inversion),
        ],
        text: "JSON of at most \(limits.jsonBodyBytesMax) bytes, \(limits.jsonDepthMax) levels "
          + "deep, or a form of at most \(limits.formBytesMax) bytes with the same document as "
          + "its part `request` and files as the others."),
      replies: [
        Reply(
          status: 202, text: "Accepted; poll its path, or wait there with `?wait=`.",
          content: [.json(Schema.named("Inversion"))], fields: [location, applied],
          links: OperationLink.ofInversion),
        Reply(
          status: 200, text: "Finished within the preferred wait.",
          content: [.json(Schema.named("Inversion"))], fields: [location, applied],
          links: OperationLink.ofInversion),
      ],
      refusals: [
        .ofQuery, Refusal(400, "invalid_idempotency_key"),
        Refusal(422, "idempotency_key_reused", "unknown_generator"),
        Refusal(429, "too_many_unfinished"),
        Refusal(503, "queue_full", "draining", "starting"), .storageFull,
      ] + conflict + Refusal.ofJSON + Refusal.ofForms)
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
          example: 2),
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
