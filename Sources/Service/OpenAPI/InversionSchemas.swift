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
    "Attempt": attempt, "Progress": progress, "Result": result, "Certificate": certificate,
    "LayerwiseCertificate": layerwise,
    "ActivationRegion": region, "Uncertainty": uncertainty,
    "ResidualNorms": residual,
  ]

  /// What an inversion, or all of a batch, was asked for.
  static let asked: JSONObject = [
    "generator": Schema.string("The generator's id, also after it is gone."),
    "generator_name": Schema.nullable(Schema.string(), "Its name when this was accepted."),
    "measurement": Schema.named("Measurement"), "noise": Schema.named("Noise"),
    "prior": LatentPrior.schema, "solver": Schema.named("Solver"),
    "seed": Schema.integer(0...InversionRequest.seedMax),
    "priority": Schema.integer(JobSubmission.priorities), "labels": Schema.named("Labels"),
  ]

  private static func inversion(and others: JSONObject) -> JSONValue {
    let identity: JSONObject = [
      "id": Schema.string(), "status": Schema.word(JobState.allCases.map(\.rawValue)),
    ]
    let members: JSONObject = [
      "batch": Schema.nullable(Schema.string(), "The batch that it is of."),
      "batch_index": Schema.nullable(Schema.integer(), "Its place there, from 0."),
      "created_at": Schema.time("When it was accepted."),
      "started_at": nullableTime("When the current or last attempt began."),
      "completed_at": nullableTime("When it reached its final status."),
      "deadline": nullableTime("When it expires."),
      "attempt": Schema.integer(0...100, "How many attempts were begun and not handed back."),
      "attempts_max": Schema.integer(1...100),
      "attempts": Schema.array(
        of: Schema.named("Attempt"),
        "Each time that a worker took it, the oldest first; the newest "
          + "\(JobAttempt.keptMax) are kept."),
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
        "self": Schema.string(), "events": Schema.string(), "reconstruction": Schema.string(),
        "latent": Schema.string(),
        "uncertainty": Schema.string(), "cancel": Schema.string(),
      ])
    ]
    return Schema.object(
      identity + asked + members + others + links,
      "`status` says what became of the work; the result's `termination` and `verdict` what the "
        + "mathematics says.")
  }

  private static let attempt = Schema.object([
    "attempt": Schema.integer(1...100, "Which attempt; those that do not count share a number."),
    "worker": Schema.string(), "started_at": Schema.time("When the worker took it."),
    "ended_at": nullableTime("When that was over, or found to be; null while it goes on."),
    "ending": Schema.nullable(
      Schema.word(JobAttempt.Ending.allCases.map(\.rawValue)),
      "finished: the worker ended it; interrupted: the server stopped, and it was handed back; "
        + "lease_lost: the worker was silent for too long; process_died: the server died."),
    "counted": boolean(
      "Whether it is one of `attempts_max`. An interruption is not, nor the death of a server that "
        + "did other work at the same time: such an inversion is run alone next."),
  ])

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
      "layerwise": Schema.nullable(
        Schema.named("LayerwiseCertificate"), "Null where no layer was inverted by itself."),
      "solver": Schema.string("The one that was used."),
      "choice": Schema.string("Why that one, where it was not the client's choice."),
      "iterations": Schema.integer(), "restarts": Schema.integer(),
      "resumed_from_iteration": Schema.nullable(
        Schema.integer(),
        "Where the last attempt went on from, after an earlier one was lost or interrupted; null "
          + "where it computed everything itself."),
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
      "intervals_hold": Schema.nullable(
        Schema.boolean,
        "Whether `latent_std` and the signal's deviations can be trusted: the latent explains the "
          + "data and fits best around, and the network is as good as linear as far as the noise "
          + "reaches. Intervals of 90 % then cover 85 to 95 %. Null without deviations."),
      "activation_region": Schema.nullable(
        Schema.named("ActivationRegion"), "Null where the network is not piecewise linear."),
      "alternatives": Schema.array(
        of: Schema.object([
          "latent": Schema.array(of: Schema.number()),
          "distance": Schema.number("Euclidean, from the answer.", from: 0),
          "loss": Schema.number("Half the sum of squares, as the answer's.", from: 0),
        ]), "Other latents that explain the observation as well: at most 8."),
    ], optional: ["latent_std"], "What can be said of the answer beside the answer.")

  private static func boolean(_ text: String) -> JSONValue {
    ["type": "boolean", "description": .string(text)]
  }

  private static let layerwise = Schema.object(
    [
      "method": Schema.string("The layer-wise solver; of several, the one that came nearest."),
      "layers": Schema.array(of: layer, "The latent's layer first."),
      "conditions": Schema.object(
        [
          "widths": Schema.array(of: Schema.integer(), "The inputs of each layer."),
          "supports": Schema.array(of: Schema.integer(), "Those of them that are not zero."),
          "known_rows": Schema.array(
            of: Schema.integer(), "Observed outputs of each layer whose units are on."),
          "each_layer_determined": boolean(
            "As many known rows as inputs at each layer (Lei et al. 2019)."),
          "supports_double": boolean(
            "Less than half as many inputs as known rows at each hidden layer (Aberdam et al. 2020, "
              + "theorem 1 for weights in general position)."),
          "supports_expand": boolean(
            "Fewer inputs than known rows at each hidden layer (theorem 2, for random weights)."),
        ], "At the answer: published conditions for there being no other."),
    ], "How layers were inverted one by one, and how far that can be trusted.")

  private static let layer = Schema.object([
    "layer": Schema.string("Its place in the architecture document, and its type."),
    "rows": Schema.integer(), "columns": Schema.integer(),
    "known_rows": Schema.integer(nil, "Rows whose units were taken to be on."),
    "rank": Schema.nullable(Schema.integer(), "Of the known rows, where it was computed."),
    "support": Schema.integer(nil, "Inputs that were found not to be zero."),
    "determined": boolean("Whether the known rows are enough for the inputs."),
    "residual": number("Root mean square of the known rows' errors."),
    "violation": number("How far a row lies beyond what its unit allows."),
    "crossed_over": boolean("Whether an exact solution on the support was found."),
    "program": Schema.nullable(
      Schema.object([
        "engine": Schema.string(), "status": Schema.string(),
        "objective": number(), "dual_objective": number(), "relative_gap": number(),
        "violation": number("Of a row of the program."),
        "iterations": Schema.integer(nil, "Of all programs of the layer."),
        "tolerance": number("Above which a unit counted as on."),
      ]), "Null for systems of equations."),
  ])

  private static let region = Schema.object(
    [
      "layers": Schema.array(
        of: Schema.object([
          "units": Schema.integer(),
          "pieces": Schema.array(
            of: Schema.integer(),
            "How many units are on each piece, from left to right: off and on for a ReLU."),
        ]), "The piecewise linear activations, as far as they are observed."),
      "boundary_distance": number(
        "How far the latent may move in any direction before a unit changes its piece; null where "
          + "none ever does."),
      "boundary_deviations": number(
        "The distance of the nearest boundary in deviations of the latent towards it; null without "
          + "an estimate of the noise, or where no unit moves."),
      "least_squares": Schema.nullable(
        Schema.object([
          "relative_distance": number(
            "From the answer to the least squares solution of its piece."),
          "is_latent": [
            "type": "boolean",
            "description": "They agree to rounding: nothing in the region fits better.",
          ],
          "is_unique": [
            "type": "boolean", "description": "It is also the only such latent in the region.",
          ],
        ]), "Null where the observation is not affine in the latent."),
    ], "The piece of a piecewise linear network that holds the latent.")

  private static let uncertainty = Schema.object(
    [
      "shape": Schema.array(of: Schema.integer(), "The signal's, without a batch."),
      "reconstruction_std": Schema.array(
        of: number(),
        "Standard deviation of each entry of the signal, observed or not; null where the data leave "
          + "it open."),
      "latent_std": Schema.array(
        of: number(), "Standard deviation of each entry of the latent; null likewise."),
      "intervals_hold": Schema.nullable(Schema.boolean, "As in the certificate."),
      "sigma": number("The noise's standard deviation that all of this assumes."),
      "sigma_estimated": Schema.boolean,
      "level": Schema.number("What an interval of `quantile` deviations to either side covers."),
      "quantile": Schema.number(),
    ], "How far the answer's numbers can be trusted.")

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
