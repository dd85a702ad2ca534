import Documents
import HTTPTypes
import Inversion
import Jobs

/// The operations on many inversions: the list with its filters, and the search by latent.
struct InversionListOperations {
  let limits: ServiceLimits

  var all: [Operation] { [list, search] }

  private var list: Operation {
    Operation(
      method: .get, path: "/v1/inversions", id: "listInversions", tag: InversionOperations.tag,
      access: .needs(.inversionsRead),
      summary: "Inversions that match, newest first",
      details: "Filters are joined by \"and\". Results come without a bound of their own: "
        + "mind `page_size`.",
      parameters: [
        .query("generator", Schema.string(), "Of this generator: its id or its name."),
        .query(
          "status", Schema.string(pattern: Self.statusPattern),
          "In one of these states, separated by commas.", example: "queued,running"),
        .query(
          "solver", Schema.word(SolverCatalogue.kinds.map(\.type)), "With this solver asked for."),
        .query("verdict", Schema.word(Verdict.allCases.map(\.rawValue)), "With this verdict."),
        .query("batch", Schema.string(), "Of this batch: its id."),
        .query("created_after", Schema.time("RFC 3339."), "Accepted after this moment."),
        .query("created_before", Schema.time("RFC 3339."), "Accepted before this moment."),
        .query(
          "residual_max", Schema.number(from: 0), "With a relative residual of at most this.",
          example: 0.001),
        OperationParameter(
          name: "label", place: .query,
          schema: Schema.map(
            of: Schema.string(pattern: OperationParameter.textPattern),
            countMax: JobSubmission.labelsMax, names: #"^label\.[^\u0000]+$"#,
            "Each member is sent as a parameter of its own."),
          text: "`label.KEY=value`: with the label KEY of exactly this value, as in "
            + "`?label.dataset=test&label.fold=3`; any number of them. The members of this object "
            + "are named with the prefix `label.`.", example: ["label.dataset": "test"],
          isExploded: true),
      ] + PageParameters.all,
      replies: [
        Reply(
          status: 200, text: "A page.", content: [.json(Schema.named("InversionList"))])
      ], refusals: [.ofQuery] + Refusal.ofPages)
  }

  private static let statusPattern: String = {
    let state = "(" + JobState.allCases.map(\.rawValue).joined(separator: "|") + ")"
    return "^\(state)(,\(state))*$"
  }()

  private var search: Operation {
    Operation(
      method: .post, path: "/v1/inversions/search", id: "searchInversions",
      tag: InversionOperations.tag, access: .needs(.inversionsRead),
      summary: "The past inversions with the nearest latents",
      body: OperationBody(
        content: [.json(Schema.named("SearchRequest"), examples: RequestExamples.searches)]),
      replies: [
        Reply(
          status: 200, text: "The nearest, with their distances.",
          content: [.json(Schema.named("NearInversionList"))])
      ], refusals: [.ofQuery] + Refusal.ofJSON)
  }
}

/// The operations that give what an inversion found.
struct InversionOutputOperations {
  var all: [Operation] {
    [
      output(
        "reconstruction", "getReconstruction", "The completed signal",
        "The generator's output at the latent that was found."),
      output(
        "latent", "getLatent", "The latent code", "The latent that was found.",
        offers: .withSafetensors),
      uncertainty,
    ]
  }

  private var uncertainty: Operation {
    var operation = output(
      "uncertainty", "getUncertainty", "How far the signal and the latent can be trusted",
      "The deviations.", schema: "Uncertainty")
    operation.details = """
      The latent's covariance `sigma^2 (J^T J)^-1` pushed through the generator, also where nothing \
      was observed. As npy, the signal's deviations only, infinite where the data leave an entry \
      open; as PNG, the same in grey, of colours the root mean square over the channels: black is no \
      deviation, white the one that the field `\(UncertaintyEndpoint.whiteField)` gives, and what is \
      left open.
      """
    operation.replies[0].fields.append(
      (UncertaintyEndpoint.whiteField, "With PNG: the deviation that is white."))
    operation.refusals.append(Refusal(404, "no_noise_estimate"))
    return operation
  }

  private func output(
    _ name: String, _ id: String, _ summary: String, _ text: String, schema: String = "Signal",
    offers: [SignalRepresentation] = .signals
  ) -> Operation {
    Operation(
      method: .get, path: "\(InversionOperations.path)/\(name)", id: id,
      tag: InversionOperations.tag, access: .needs(.inversionsRead), summary: summary,
      parameters: [InversionOperations.id, SignalContent.format(offers), SignalContent.accept],
      replies: [
        Reply(
          status: 200, text: text, content: SignalContent.all(schema, offers),
          fields: [SignalContent.vary])
      ],
      refusals: [
        .ofQuery, .noInversion, Refusal(404, "no_result"), .notAcceptable,
        Refusal(409, "inversion_not_finished"), Refusal(422, "unreadable_signal"),
      ])
  }
}
