import Documents
import Testing

/// An upload that is not taken: what is sent, and what comes back.
struct RefusedUpload: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var query = ""
  var type = "application/octet-stream"
  var body: [UInt8]
  var status: Int
  var code: String

  static let all = bodies + forms

  private static func form(_ parts: [(String, [UInt8])]) -> [UInt8] { Form.bytes(parts) }

  private static let bodies: [RefusedUpload] = [
    RefusedUpload(testDescription: "empty", body: [], status: 415, code: "unknown_weight_format"),
    RefusedUpload(
      testDescription: "rubbish", body: Array("not a weight file at all".utf8), status: 415,
      code: "unknown_weight_format"),
    RefusedUpload(
      testDescription: "a type that is read elsewhere", type: "application/json",
      body: SmallGenerator.file(), status: 415, code: "unsupported_media_type"),
    RefusedUpload(
      testDescription: "cut off", body: Array(SmallGenerator.file().dropLast()), status: 422,
      code: "invalid_weights"),
    RefusedUpload(
      testDescription: "too long", body: SmallGenerator.file() + [0], status: 422,
      code: "invalid_weights"),
    RefusedUpload(
      testDescription: "NaN", body: SmallGenerator.file { $0[5] = .nan }, status: 422,
      code: "invalid_weights"),
    RefusedUpload(
      testDescription: "infinite", body: SmallGenerator.file { $0[5] = .infinity }, status: 422,
      code: "invalid_weights"),
    RefusedUpload(
      testDescription: "no architecture", body: SmallGenerator.file(architecture: nil), status: 422,
      code: "architecture_missing"),
    RefusedUpload(
      testDescription: "an architecture of another version",
      body: SmallGenerator.file(architecture: ["version": 2]), status: 400, code: "invalid_field"),
    RefusedUpload(
      testDescription: "a layer that does not exist", body: architecture(layer: "magic"),
      status: 422, code: "unprocessable_field"),
    RefusedUpload(
      testDescription: "tensors that no layer names", body: architecture(layer: "relu"),
      status: 422, code: "unprocessable_field"),
    RefusedUpload(
      testDescription: "an empty name", query: "?name=", body: SmallGenerator.file(), status: 400,
      code: "invalid_name"),
    RefusedUpload(
      testDescription: "a name that is too long",
      query: "?name=" + String(repeating: "n", count: 129), body: SmallGenerator.file(),
      status: 400, code: "invalid_name"),
    RefusedUpload(
      testDescription: "a name with a slash", query: "?name=a%20b", body: SmallGenerator.file(),
      status: 400, code: "invalid_name"),
    RefusedUpload(
      testDescription: "an unknown parameter", query: "?nmae=x", body: SmallGenerator.file(),
      status: 400, code: "unknown_parameter"),
    RefusedUpload(
      testDescription: "a repeated parameter", query: "?name=a&name=b",
      body: SmallGenerator.file(), status: 400, code: "repeated_parameter"),
  ]

  private static let forms: [RefusedUpload] = [
    ("without weights", form([("name", [0x61])]), 400, "missing_part"),
    ("of no parts", Array("--edge--".utf8), 400, "missing_part"),
    ("cut off", Array(form([("weights", [1])]).dropLast(8)), 400, "invalid_multipart"),
    ("an unknown part", form([("wieghts", [1])]), 400, "unknown_part"),
    ("a part twice", form([("name", [0x61]), ("name", [0x61])]), 400, "repeated_part"),
    (
      "an architecture that is no JSON",
      form([("architecture", [0x7B]), ("weights", SmallGenerator.file())]), 400, "malformed_json"
    ),
    (
      "a name that is too long",
      form([("name", [UInt8](repeating: 0x61, count: 1025))]), 413, "part_too_large"
    ),
    (
      "a bad name", form([("name", [0x2F]), ("weights", SmallGenerator.file())]), 400,
      "invalid_name"
    ),
  ].map {
    RefusedUpload(testDescription: "form: \($0)", type: Form.type, body: $1, status: $2, code: $3)
  }

  private static func architecture(layer: String) -> [UInt8] {
    var architecture = SmallGenerator.architecture.object ?? [:]
    architecture["layers"] = [["type": .string(layer)]]
    return SmallGenerator.file(architecture: .object(architecture))
  }
}
