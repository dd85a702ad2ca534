import Documents
import Inversion
import Jobs

/// The schemas of inversions and their results.
enum InversionSchemas {
  static let all: JSONObject = [
    "Inversion": inversion(and: [:]),
    "InversionList": Schema.object(
      [
        "inversions": Schema.array(of: Schema.named("Inversion"), "Newest first."),
        "next_page_token": Schema.string("For `page_token`; absent at the end."),
      ], optional: ["next_page_token"]),
    "NearInversion": inversion(and: [
      "distance": Schema.number("Euclidean, from the latent that was searched for.", from: 0)
    ]),
    "NearInversionList": Schema.object([
      "inversions": Schema.array(of: Schema.named("NearInversion"), "Nearest first.")
    ]),
    "Progress": progress, "Result": result, "Certificate": certificate,
    "ResidualNorms": residual,
  ]

  private static func inversion(and others: JSONObject) -> JSONValue {
    let members: JSONObject = [
      "id": Schema.string(), "status": Schema.word(JobState.allCases.map(\.rawValue)),
      "generator": Schema.string("The generator's id, also after it is gone."),
      "generator_name": Schema.nullable(Schema.string(), "Its name when this was accepted."),
      "measurement": Schema.named("Measurement"), "noise": Schema.named("Noise"),
      "prior": LatentPrior.schema, "solver": Schema.named("Solver"),
      "seed": Schema.integer(0...InversionRequest.seedMax),
      "priority": Schema.integer(JobSubmission.priorities), "labels": Schema.named("Labels"),
      "created_at": Schema.time("When it was accepted."),
      "started_at": nullableTime("When the current or last attempt began."),
      "completed_at": nullableTime("When it reached its final status."),
      "deadline": nullableTime("When it expires."),
      "attempt": Schema.integer(0...100, "How many attempts were begun and not handed back."),
      "attempts_max": Schema.integer(1...100),
      "revision": Schema.integer(1...Int(Int32.max), "Grows with every change; the ETag."),
      "progress": Schema.nullable(Schema.named("Progress")),
      "result": Schema.nullable(
        Schema.named("Result"), "Null until finished, and where it ended without one."),
      "timing": Schema.object([
        "queue_seconds": number(), "solve_seconds": number(),
      ]),
      "error": Schema.nullable(Schema.named("Problem"), "Why it could not be attempted."),
    ]
    let links: JSONObject = [
      "links": Schema.object([
        "self": Schema.string(), "reconstruction": Schema.string(), "latent": Schema.string(),
        "cancel": Schema.string(),
      ])
    ]
    return Schema.object(
      members + others + links,
      "`status` says what became of the work; the result's `termination` and `verdict` what the "
        + "mathematics says.")
  }

  private static let progress = Schema.object([
    "iteration": Schema.integer(), "iterations_max": Schema.integer(),
    "loss": number("The best so far."), "restarts_finished": Schema.integer(),
  ])

  private static let result = Schema.object(
    [
      "latent": Schema.array(of: number(), "The latent code that was found."),
      "termination": Schema.word(Termination.allCases.map(\.rawValue), "Why the solver stopped."),
      "residual": Schema.named("ResidualNorms"),
      "verdict": Schema.word(
        Verdict.allCases.map(\.rawValue),
        "recovered: it explains the observation and, as far as the numbers show, nothing else "
          + "does; consistent: it explains it; ambiguous: so do others; underfit: it does not."),
      "certificate": Schema.named("Certificate"),
      "solver": Schema.string("The one that was used."),
      "choice": Schema.string("Why that one, where it was not the client's choice."),
      "iterations": Schema.integer(), "restarts": Schema.integer(),
      "forward_equivalents": number("The work, in evaluations of the generator."),
      "trace": Schema.object([
        "iteration": Schema.array(of: Schema.integer()), "loss": Schema.array(of: number()),
      ]),
    ], optional: ["choice"])

  private static let certificate = Schema.object(
    [
      "rank": Schema.integer(nil, "Of the Jacobian of the observation in the latent."),
      "singular_values": Schema.array(of: number(), "Of the same, largest first."),
      "condition_number": number("Null where it is infinite."),
      "dead_latents": Schema.array(
        of: Schema.integer(), "Entries that no observed number depends on here."),
      "sigma": number("Root mean square of the errors that `latent_std` assumes."),
      "sigma_estimated": Schema.boolean,
      "latent_std": Schema.array(
        of: number(), "Standard deviation of each entry; null where the data leave it open."),
      "alternatives": Schema.array(
        of: Schema.array(of: Schema.number()), "Other latents that explain the observation."),
    ], optional: ["latent_std"], "What can be said of the answer beside the answer.")

  private static let residual = Schema.object(
    [
      "l2": number(), "relative": number("l2 over that of the observation."),
      "linf": number(), "rms": number(),
    ], "Norms of what the answer leaves unexplained.")

  private static func number(_ text: String? = nil) -> JSONValue {
    var schema: JSONObject = ["type": ["number", "null"]]
    schema["description"] = text.map(JSONValue.string)
    return .object(schema)
  }

  private static func nullableTime(_ text: String) -> JSONValue {
    ["type": ["string", "null"], "format": "date-time", "description": .string(text)]
  }
}
