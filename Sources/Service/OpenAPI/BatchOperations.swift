import Documents
import HTTPTypes
import Inversion
import Jobs

/// The operations on batches.
struct BatchOperations {
  let limits: ServiceLimits

  private static let tag = "Batches"
  private static let path = "/v1/batches/{id}"
  private static let id = OperationParameter.path(
    "id", "The batch's id.", example: .string(RequestExamples.batchID))

  var all: [Operation] {
    [
      list, submit, read, cancel, delete,
      outputs(
        "latents", "getBatchLatents", "The latents that were found", "The latents.", "BatchOutputs"
      ),
      outputs(
        "reconstructions", "getBatchReconstructions", "The completed signals",
        "The generator's outputs at the latents that were found.", "BatchOutputs"),
    ]
  }

  private var list: Operation {
    Operation(
      method: .get, path: "/v1/batches", id: "listBatches", tag: Self.tag,
      access: .needs(.inversionsRead), summary: "Batches, newest first",
      parameters: [
        .query("generator", Schema.string(), "Of this generator: its id or its name.")
      ] + PageParameters.all,
      replies: [
        Reply(
          status: 200, text: "A page.", content: [.json(Schema.named("BatchList"))])
      ], refusals: [.ofQuery] + Refusal.ofPages)
  }

  private var submit: Operation {
    Operation(
      method: .post, path: "/v1/batches", id: "createBatch", tag: Self.tag,
      access: .needs(.inversionsWrite), summary: "Invert many observations alike",
      details: """
        One generator, measurement and solver, and an array with an observation a row. All of them \
        are accepted, in one transaction, or none. Each becomes an inversion of its own, with the \
        same seed: see `GET /v1/inversions?batch=`.
        """,
      parameters: InversionOperations.submissionFields,
      body: OperationBody(
        content: [Content(mediaType: "multipart/form-data", schema: FormSchemas.batch)],
        text: "At most \(limits.formBytesMax) bytes and \(limits.batchCountMax) observations."),
      replies: [
        Reply(
          status: 202, text: "Accepted; poll its path.",
          content: [.json(Schema.named("Batch"))],
          fields: [("Location", "The batch's path.")], links: OperationLink.ofBatch)
      ],
      refusals: [
        .ofQuery, Refusal(400, "invalid_idempotency_key"),
        Refusal(422, "idempotency_key_reused", "unknown_generator"),
        Refusal(503, "queue_full", "draining", "starting"), .storageFull,
      ] + Refusal.ofJSON + Refusal.ofForms)
  }

  private var read: Operation {
    Operation(
      method: .get, path: Self.path, id: "getBatch", tag: Self.tag,
      access: .needs(.inversionsRead),
      summary: "A batch, with how many of its inversions are in each status",
      parameters: [Self.id], replies: [batch(200, "As it is.")],
      refusals: [.ofQuery, .noBatch])
  }

  private var cancel: Operation {
    Operation(
      method: .post, path: "\(Self.path)/cancel", id: "cancelBatch", tag: Self.tag,
      access: .needs(.inversionsWrite), summary: "Stop all inversions of a batch",
      details: "Finished ones are left as they are.", parameters: [Self.id],
      replies: [
        batch(200, "All are finished, be it by this."),
        batch(202, "Some run still; they will stop."),
      ], refusals: [.ofQuery, .noBatch, .storageFull])
  }

  private var delete: Operation {
    Operation(
      method: .delete, path: Self.path, id: "deleteBatch", tag: Self.tag,
      access: .needs(.inversionsWrite), summary: "Remove a batch and its inversions",
      details: "Only once all of them are finished.", parameters: [Self.id],
      replies: [Reply(status: 204, text: "They are gone.")],
      refusals: [.ofQuery, .noBatch, Refusal(409, "batch_not_finished"), .storageFull])
  }

  private func batch(_ status: Int, _ text: String) -> Reply {
    Reply(status: status, text: text, content: [.json(Schema.named("Batch"))])
  }

  private func outputs(
    _ name: String, _ id: String, _ summary: String, _ text: String, _ schema: String
  ) -> Operation {
    Operation(
      method: .get, path: "\(Self.path)/\(name)", id: id, tag: Self.tag,
      access: .needs(.inversionsRead), summary: summary,
      details: """
        Once all inversions are finished. JSON, PNG (a contact sheet of at most \
        \(limits.samplesCountMax)) and safetensors have a row for each inversion that succeeded, and \
        `indices` says for which; npy has a row for every one, of NaN where none was found.
        """,
      parameters: [
        Self.id, SignalContent.format(.withSafetensors), SignalContent.accept,
      ],
      replies: [
        Reply(
          status: 200, text: text, content: SignalContent.all(schema, .withSafetensors),
          fields: [SignalContent.vary])
      ],
      refusals: [
        .ofQuery, .noBatch, Refusal(404, "no_result"), .notAcceptable,
        Refusal(409, "batch_not_finished"),
        Refusal(422, "unreadable_signal", "too_many_outputs"),
      ])
  }
}

/// The schemas of batches.
struct BatchSchemas {
  let limits: ServiceLimits

  var all: JSONObject {
    [
      "Batch": Self.batch,
      "BatchList": Schema.object(
        [
          "batches": Schema.array(of: Schema.named("Batch"), "Newest first."),
          "next_page_token": Schema.string("For `page_token`; absent at the end."),
        ], optional: ["next_page_token"]),
      "BatchOutputs": Schema.object([
        "shape": Schema.array(of: Schema.integer(), "Rows first."),
        "indices": Schema.array(of: Schema.integer(), "The place in the batch of each row."),
        "outputs": Schema.array(of: Schema.array(of: ["type": ["number", "null"]]), "Flat rows."),
      ]),
    ]
  }

  private static let batch: JSONValue = {
    var counts: JSONObject = [:]
    for state in JobState.allCases { counts[state.rawValue] = Schema.integer() }
    let identity: JSONObject = [
      "id": Schema.string(), "status": Schema.word(BatchDocument.statuses),
    ]
    let own: JSONObject = [
      "count": Schema.integer(nil, "Observations."),
      "counts": Schema.object(counts, "Inversions by status; deleted ones are in none."),
      "created_at": Schema.time("When it was accepted."),
      "links": Schema.object([
        "self": Schema.string(), "inversions": Schema.string(), "latents": Schema.string(),
        "reconstructions": Schema.string(), "cancel": Schema.string(),
      ]),
    ]
    return Schema.object(identity + InversionSchemas.asked + own)
  }()
}
