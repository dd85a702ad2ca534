import Documents
import HTTPTypes
import Jobs
import WeightFormats

/// The operations on generators.
struct GeneratorOperations {
  let limits: ServiceLimits

  private static let tag = "Generators"
  private static let path = "/v1/generators/{id}"
  private static let id = OperationParameter.path(
    "id", "The generator's id, or its name.", example: .string(RequestExamples.generator))

  var all: [Operation] { [list, upload, read, delete, weights, samples] }

  private var list: Operation {
    Operation(
      method: .get, path: "/v1/generators", id: "listGenerators", tag: Self.tag,
      access: .needs(.inversionsRead),
      summary: "Generators, newest first",
      parameters: [
        .query("name", Schema.string(), "Those with exactly this name."),
        .query("format", Schema.string(), "Those uploaded in this format.", example: "safetensors"),
      ] + PageParameters.all,
      replies: [
        Reply(
          status: 200, text: "A page.", content: [.json(Schema.named("GeneratorList"))])
      ], refusals: [.ofQuery] + Refusal.ofPages)
  }

  private var upload: Operation {
    Operation(
      method: .post, path: "/v1/generators", id: "uploadGenerator", tag: Self.tag,
      access: .needs(.generatorsWrite),
      summary: "Upload a generator's weights",
      details: """
        The format is found from the bytes: safetensors, ONNX, NumPy's .npz and .npy, PyTorch \
        checkpoints (read as data, nothing in them is executed). The architecture is a part of the \
        form, or inside the file (safetensors: the metadata's `architecture`; .npz: an array or a \
        member `architecture`). A checkpoint may hold several state dictionaries; tensors that the \
        architecture does not name are left alone there, and refused in other files. The body is \
        streamed; nothing is stored of an upload that is refused.
        """,
      parameters: [
        .query(
          "name", Schema.string(pattern: GeneratorSchemas.namePattern),
          "A name that can stand for the id. A form's part `name` wins over it.",
          example: "my-decoder"),
        .query(
          "state", Schema.string(),
          "The state dictionary of a checkpoint, by the keys that lead to it. Without it the one "
            + "is taken that fits the architecture, if only one does. Wins over the "
            + "architecture's `state`.",
          example: "netG_state_dict"),
        .header(
          "Content-Digest",
          "The SHA-256 of the body as `sha-256=:BASE64:` [RFC 9530]; checked when sent."),
      ], body: uploadBody,
      replies: [
        reply(201, "Stored."),
        reply(200, "The same weights with the same architecture were there before."),
      ],
      refusals: [
        .ofQuery,
        Refusal(
          400, "invalid_name", "invalid_digest", "digest_mismatch", "invalid_multipart",
          "unknown_part", "repeated_part", "missing_part", "malformed_json", "invalid_field"),
        Refusal(409, "name_taken"), Refusal(413, "weights_too_large", "part_too_large"),
        Refusal(415, "unsupported_media_type", "unknown_weight_format"),
        Refusal(
          422, "architecture_missing", "state_not_found", "state_ambiguous", "invalid_weights",
          "unsupported_network", "weights_over_limit", "unprocessable_field"),
        Refusal(503, "draining", "starting"), .storageFull,
      ])
  }

  private var uploadBody: OperationBody {
    let file = "A weight file of at most \(limits.weights.bytesMax) bytes."
    let form = Schema.form(
      [
        "weights": Schema.bytes("application/octet-stream", file),
        "architecture": Schema.named("Architecture"),
        "name": Schema.string(pattern: GeneratorSchemas.namePattern),
      ], optional: ["architecture", "name"])
    return OperationBody(
      content: UploadEndpoint.weightTypes.map {
        Content(mediaType: $0, schema: Schema.bytes($0, file))
      } + [Content(mediaType: "multipart/form-data", schema: form)],
      text: "The weight file itself, or a form of it and its architecture.")
  }

  private func reply(_ status: Int, _ text: String) -> Reply {
    Reply(
      status: status, text: text, content: [.json(Schema.named("Generator"))],
      fields: [("Location", "The generator's path.")], links: OperationLink.ofGenerator)
  }

  private var read: Operation {
    Operation(
      method: .get, path: Self.path, id: "getGenerator", tag: Self.tag,
      access: .needs(.inversionsRead), summary: "A generator",
      parameters: [Self.id],
      replies: [
        Reply(status: 200, text: "The generator.", content: [.json(Schema.named("Generator"))])
      ], refusals: [.ofQuery, .noGenerator])
  }

  private var delete: Operation {
    Operation(
      method: .delete, path: Self.path, id: "deleteGenerator", tag: Self.tag,
      access: .needs(.generatorsWrite),
      summary: "Delete a generator and its weights",
      details: "Refused while inversions that need it are queued or running.",
      parameters: [Self.id], replies: [Reply(status: 204, text: "Deleted.")],
      refusals: [
        .ofQuery, .noGenerator, Refusal(403, "generator_of_everybody"),
        Refusal(409, "generator_in_use"), .storageFull,
      ])
  }

  private var weights: Operation {
    let file = Content(
      mediaType: "application/octet-stream", schema: Schema.bytes("application/octet-stream"))
    let tag = (name: "ETag", text: "The digest: strong, since the bytes never change.")
    let ranges = (name: "Accept-Ranges", text: "`bytes`")
    var notSatisfiable = Refusal(416, "range_not_satisfiable")
    notSatisfiable.fields = [("Content-Range", "`bytes */` and the size of the file.")]
    return Operation(
      method: .get, path: "\(Self.path)/weights", id: "downloadWeights", tag: Self.tag,
      access: .needs(.inversionsRead),
      summary: "The uploaded bytes",
      parameters: [
        Self.id,
        .header(
          "If-None-Match", "ETags that the client has; 304 for them.",
          example: "\"sha256:5f8f04f6\""),
        .header(
          "Range", "One range of bytes; what cannot be read is ignored.", example: "bytes=0-1023"),
        .header(
          "If-Range", "The range is only meant for this ETag.", example: "\"sha256:5f8f04f6\""),
      ],
      replies: [
        Reply(status: 200, text: "The whole file.", content: [file], fields: [tag, ranges]),
        Reply(
          status: 206, text: "The range.", content: [file],
          fields: [tag, ranges, ("Content-Range", "Which bytes of how many.")]),
        Reply(status: 304, text: "The client has it.", fields: [tag, ranges]),
      ], refusals: [.ofQuery, .noGenerator, Refusal(404, "weights_not_found"), notSatisfiable])
  }

  private var samples: Operation {
    Operation(
      method: .post, path: "\(Self.path)/samples", id: "sampleGenerator", tag: Self.tag,
      access: .needs(.inversionsRead),
      summary: "Outputs at given latents, or at random ones",
      parameters: [Self.id, SignalContent.format(), SignalContent.accept],
      body: OperationBody(
        content: [.json(Schema.named("SamplesRequest"), examples: RequestExamples.samples)]),
      replies: [
        Reply(
          status: 200, text: "The outputs; as PNG a contact sheet.",
          content: SignalContent.all("Samples"), fields: [SignalContent.vary])
      ],
      refusals: [.ofQuery, .noGenerator, .notAcceptable, Refusal(422, "unreadable_signal")]
        + Refusal.ofJSON)
  }
}
