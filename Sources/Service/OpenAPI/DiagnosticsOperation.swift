import Documents
import HTTPTypes
import Inversion
import Networks

/// The operation that says what is known before any inversion.
struct DiagnosticsOperation {
  let limits: ServiceLimits

  var operation: Operation {
    Operation(
      method: .get, path: "/v1/generators/{id}/diagnostics", id: "getDiagnostics",
      tag: "Generators", access: .needs(.inversionsRead),
      summary: "Whether a measurement is enough, and what the layers are like",
      details: """
        Nothing is observed and nothing inverted: the derivative of the measurement is looked at for \
        latents drawn from their distribution, and the weights as they are. Large measurements have \
        no place in a query: draw them from a seed, or name rectangles.
        """,
      parameters: [
        .path(
          "id", "The generator's id, or its name.", example: .string(RequestExamples.generator)),
        .query(
          "measurement", ["type": "string", "contentMediaType": "application/json"],
          "The measurement as JSON, percent-encoded: one of `GET /v1/measurements`, with its options; "
            + "without it, everything is seen.",
          example: "{\"type\":\"gaussian\",\"rows\":60,\"seed\":1}"),
        .query(
          "latents", Schema.integer(1...limits.diagnosticLatentsMax),
          "How many latents to draw; \(DiagnosticsEndpoint.latentsDefault), or as many as the limit "
            + "of \(limits.diagnosticMultiplicationsMax) multiplications allows.", example: 32),
        .query(
          "seed", Schema.integer(0...InversionRequest.seedMax, default: 0), "Of the draws.",
          example: 1),
        .query(
          "noise_sigma", ["type": "number", "exclusiveMinimum": 0, "maximum": 1e30],
          "The noise's standard deviation that `latent_std` is expected for.", example: 0.1),
      ],
      replies: [
        Reply(
          status: 200, text: "What can be said.", content: [.json(Schema.named("Diagnostics"))])
      ],
      refusals: [
        .ofQuery, .noGenerator, Refusal(400, "invalid_field"),
        Refusal(422, "unprocessable_field", "diagnosis_too_large"),
      ])
  }
}

/// The schemas of its answer.
enum DiagnosticsSchemas {
  static let all: JSONObject = [
    "Diagnostics": diagnostics, "Identifiability": identifiability, "Quantiles": quantiles,
    "LayerDiagnosis": layer, "WeightDistributionCondition": condition,
    "WeightDistribution": weights,
  ]

  private static let diagnostics = Schema.object(
    [
      "measurement": Schema.named("Measurement"), "seed": Schema.integer(),
      "noise_sigma": number(),
      "answer": Schema.nullable(
        Schema.word(Identifiability.Answer.allCases.map(\.rawValue)),
        "Whether the measurement is enough: determined, it determines every latent that was drawn, "
          + "to first order; mostly_determined, half of them or more; undetermined, fewer. Null "
          + "where the measurement has no useful derivative."),
      "identifiability": Schema.nullable(Schema.named("Identifiability")),
      "layers": Schema.array(
        of: Schema.named("LayerDiagnosis"), "Those with weights, in the document's order."),
    ], "What can be said of a generator and a measurement before any inversion.")

  private static let identifiability = Schema.object(
    [
      "latent_count": Schema.integer(), "observed_count": Schema.integer(),
      "latents": Schema.integer(nil, "How many were drawn."),
      "identifiable": Schema.integer(
        nil, "Those at which the derivative has the rank of the latent."),
      "identifiable_share": Schema.number(),
      "identifiable_share_interval": Schema.array(
        of: Schema.number(), counts: 2...2, "Of all latents, at 95 % (Wilson)."),
      "rank": Schema.named("Quantiles"), "smallest_singular_value": Schema.named("Quantiles"),
      "largest_singular_value": Schema.named("Quantiles"),
      "condition_number": Schema.named("Quantiles"),
      "latent_std": Schema.nullable(
        Schema.named("Quantiles"),
        "Root mean square over the latent's entries of the deviation to expect; null without "
          + "`noise_sigma`."),
      "dead_latents": Schema.array(
        of: Schema.integer(), "Entries that no observed number depended on at any draw."),
    ], "Of `d(A G)/dz` at the latents that were drawn.")

  private static let quantiles = Schema.object(
    ["min": number(), "q25": number(), "median": number(), "q75": number(), "max": number()],
    "Over the latents that were drawn; null where infinite.")

  private static let layer = Schema.object([
    "layer": Schema.integer(nil, "Place in the architecture document, from 0."),
    "type": Schema.word(LayerCatalogue.kinds.map { $0.type }), "input_count": Schema.integer(),
    "output_count": Schema.integer(), "expansivity": Schema.number("Outputs an input.", from: 0),
    "wdc": Schema.nullable(
      Schema.named("WeightDistributionCondition"),
      "Null unless the layer is dense with a ReLU behind it, and nothing branches."),
    "weights": Schema.nullable(Schema.named("WeightDistribution")),
  ])

  private static let condition = Schema.object(
    [
      "wdc_constant_min": Schema.number(
        "The largest |c^2 W_r' W_s - Q_{r,s}|_2 at random r and s, whose angles go from 0 to pi: "
          + "W_r are the rows of W with W r > 0, Q_{r,s} = (pi - t) / 2 pi I + sin t / 2 pi M, t the "
          + "angle between r and s, M what swaps their directions.", from: 0),
      "r2wdc_constant_min": Schema.number(
        "The largest |<(c^2 W_r' W_s - Q_{r,s}) u, v>| / |u| |v| with r, s outputs of the layers "
          + "before and u, v differences of such.", from: 0),
      "weight_scale": Schema.number(
        "c, which gives W the norm of a Gaussian matrix with variance 1 / outputs."),
      "pairs": Schema.integer(nil, "Pairs r, s of each kind."),
      "differences": Schema.integer(nil, "Differences u, v; each pair of them is looked at."),
    ],
    "The (range restricted) weight distribution condition [Cocola 2022, definitions 4.2, 4.3], by "
      + "sampling: both are lower bounds on the true constants, which are suprema. Offsets are left "
      + "out, batch normalisation is part of the weights.")

  private static let weights = Schema.object(
    [
      "count": Schema.integer(), "mean": Schema.number(), "std": Schema.number(nil, from: 0),
      "skewness": Schema.number(), "excess_kurtosis": Schema.number(),
      "ks_distance": Schema.number(
        "The largest distance between the distribution functions of the weights and of the Gaussian "
          + "with their mean and deviation.", from: 0),
      "bin_edges": Schema.array(of: Schema.number()),
      "bin_counts": Schema.array(of: Schema.integer()),
      "gaussian_counts": Schema.array(
        of: Schema.number(), "What that Gaussian expects in each bin."),
    ], "The histogram of the tensor as it was uploaded [Ma et al. 2018, figure 3].")

  private static func number() -> JSONValue { ["type": ["number", "null"]] }
}
