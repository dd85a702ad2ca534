import Documents

/// The schemas of problems, and of the small documents about the service itself.
enum ProblemSchemas {
  static let all: JSONObject = [
    "Problem": Schema.object(
      [
        "type": Schema.string("`urn:preimage:problem:` and the code."),
        "title": Schema.string("The status in words."),
        "status": Schema.integer(400...599),
        "detail": Schema.string("Names the value, what was expected, and what to try."),
        "code": Schema.string(
          "Stable, in snake_case. Codes of the wire: "
            + Refusal.wireCodes.joined(separator: ", ") + ".", pattern: "^[a-z][a-z0-9_]*$"),
        "request_id": Schema.string("The request's id; absent in an inversion's `error`."),
        "errors": Schema.array(
          of: Schema.object([
            "pointer": Schema.string("A JSON Pointer to the field; empty for the whole body."),
            "detail": Schema.string(),
          ]), "The fields at fault, where fields are."),
      ], optional: ["request_id", "errors"], "A request that was not carried out [RFC 9457]."),
    "Version": Schema.object([
      "name": Schema.constant("preimage"), "version": Schema.string(), "api": Schema.constant("v1"),
      "blas": Schema.object([
        "core": Schema.string("The processor that the matrix kernels are made for."),
        "configuration": Schema.string(),
      ]),
    ]),
    "Discovery": Schema.object([
      "name": Schema.constant("preimage"), "version": Schema.string(),
      "links": Schema.map(of: Schema.string(), countMax: 64, "Paths by name."),
    ]),
  ]
}
