import Documents
import Inversion
import Jobs
import Storage

/// The schemas of what clients ask: an inversion, and a search among past ones.
struct RequestSchemas {
  let limits: ServiceLimits

  var all: JSONObject {
    [
      "InversionRequest": inversion(observation: Schema.named("Observation")),
      "InversionFormRequest": inversion(
        observation: Schema.named("Observation"), isOptional: true),
      "BatchRequest": inversion(observation: nil), "Observation": Self.observation,
      "Labels": labels,
      "SearchRequest": Self.search, "MeasuringRequest": measuring,
    ]
  }

  /// - Parameters:
  ///   - observation: `nil` where it is beside the document.
  ///   - isOptional: whether it may be beside the document.
  private func inversion(observation: JSONValue?, isOptional: Bool = false) -> JSONValue {
    var members: JSONObject = ["generator": Schema.string("The generator's id or name.")]
    members["observation"] = observation
    return Schema.object(
      members + [
        "measurement": Schema.named("Measurement"),
        "noise": Schema.named("Noise"), "prior": LatentPrior.schema,
        "solver": Schema.named("Solver"),
        "seed": Schema.integer(
          0...InversionRequest.seedMax, default: 0,
          "Of the restarts: the same seed on the same machine gives the same bits."),
        "priority": Schema.integer(
          JobSubmission.priorities, default: 0,
          "Each level counts as a time of waiting, in the client's line and between clients."),
        "deadline_seconds": [
          "type": "number", "exclusiveMinimum": 0, "maximum": .number(limits.deadlineSecondsMax),
          "default": .number(limits.deadlineSecondsDefault),
          "description": "From acceptance; what is not finished then expires.",
        ],
        "labels": Schema.named("Labels"),
      ],
      optional: Set(isOptional ? ["observation"] : []).union([
        "measurement", "noise", "prior", "solver", "seed", "priority", "deadline_seconds", "labels",
      ]), isClosed: true,
      "`solver` may ask for at most \(limits.restartsMax) starts and \(limits.iterationsMax) "
        + "iterations here.")
  }

  private var measuring: JSONValue {
    let shape = Schema.array(
      of: Schema.integer(1...limits.signalCountMax), counts: 1...MeasuringEndpoint.dimensionsMax,
      "Of the signal, such as channels, height and width.")
    let signals = [
      Schema.object(
        ["values": Schema.array(of: Schema.number(), "Row-major."), "shape": shape],
        optional: ["shape"], isClosed: true),
      Schema.object(
        [
          "npy": Schema.base64("application/x-npy", "An array of the signal's shape."),
          "shape": shape,
        ], optional: ["shape"], isClosed: true),
      Schema.object(
        [
          "png": Schema.base64(
            "image/png", "A picture, grey or RGB, scaled into the generator's range or [0, 1]."),
          "shape": shape,
        ], optional: ["shape"], isClosed: true),
    ]
    return Schema.object(
      [
        "measurement": Schema.named("Measurement"),
        "generator": Schema.string("An id or a name: the signal has its output's shape and range."),
        "signal": Schema.oneOf(
          signals,
          "At most \(limits.signalCountMax) finite numbers. Values and pictures need a shape, or a "
            + "generator that has it."),
      ], optional: ["generator"], isClosed: true)
  }

  private static let observation = Schema.oneOf(
    [
      Schema.object(
        ["values": Schema.array(of: Schema.number(), "Flat, in the measurement's output order.")],
        isClosed: true),
      Schema.object(
        ["npy": Schema.base64("application/x-npy", "An array of as many numbers, of any shape.")],
        isClosed: true),
      Schema.object(
        [
          "png": Schema.base64(
            "image/png",
            "A picture of the generator's size, grey or RGB, scaled into the generator's range.")
        ], isClosed: true),
    ],
    "What was observed: as many finite numbers as the measurement gives. Where it only selects "
      + "entries of the signal, the whole signal may be given too, and the rest is not read; where it "
      + "shows a symmetric matrix, the whole matrix.")

  private var labels: JSONValue {
    let keyBytes = 1...min(limits.labelBytesMax, JobSubmission.labelKeyBytes.upperBound)
    let valueBytesMax = min(limits.labelBytesMax, JobSubmission.labelValueBytesMax)
    return [
      "type": "object", "propertyNames": Schema.string(bytes: keyBytes),
      "additionalProperties": Schema.string(bytes: 0...valueBytesMax),
      "maxProperties": JSONValue(min(limits.labelsMax, JobSubmission.labelsMax)),
      "description":
        "The client's own words, to find inversions by; lengths are in bytes of UTF-8.",
      "examples": [["dataset": "test"]],
    ]
  }

  private static let search = Schema.object(
    [
      "latent": [
        "type": "array", "items": ["type": "number"], "minItems": 1,
        "description": "The latent to look around.",
      ],
      "generator": Schema.string("Only its inversions: an id or a name."),
      "limit": Schema.integer(SQLiteJobStore.nearestLimits, default: 10, "How many at most."),
    ], optional: ["generator", "limit"], isClosed: true)
}
