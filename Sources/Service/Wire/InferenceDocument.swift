import Documents
import HTTP
import HTTPTypes
import LinearAlgebra

/// The documents of the Open Inference Protocol, version 2 [kserve/open-inference-protocol,
/// specification/protocol/inference_rest.md].
enum InferenceDocument {
  static let inputName = "latents"
  static let outputName = "outputs"

  static let server: JSONValue = [
    "name": "preimage", "version": .string(PreimageService.version), "extensions": .array([]),
  ]

  /// - Parameter name: as the client named the model.
  static func model(_ name: String, _ shape: GeneratorShape) -> JSONValue {
    func tensor(_ name: String, _ shape: [Int]) -> JSONValue {
      // An extent of -1 may be any: the number of samples.
      .array([["name": .string(name), "datatype": "FP32", "shape": JSONValue([-1] + shape)]])
    }
    return [
      "name": .string(name), "platform": "preimage_generator",
      "inputs": tensor(inputName, shape.latent), "outputs": tensor(outputName, shape.output),
    ]
  }

  static func output(
    model: String, id: String?, _ outputs: Batch, shape: [Int]
  ) -> [UInt8] {
    var tensor = JSONObjectWriter()
    tensor.add("name", .string(outputName))
    tensor.add("shape", JSONValue([outputs.count] + shape))
    tensor.add("datatype", "FP32")
    tensor.add("data", numbers: outputs.values)
    var object = JSONObjectWriter()
    object.add("model_name", .string(model))
    if let id { object.add("id", .string(id)) }
    object.add(
      "outputs", text: [UInt8(ascii: "[")] + tensor.finish() + [UInt8(ascii: "]")])
    return object.finish()
  }

  /// A refusal in the protocol's own words.
  static func refusal(_ problem: Problem) -> Response {
    var response = problem.response(requestID: "")
    response.fields[.contentType] = "application/json"
    response.body = .bytes(
      JSONWriter.bytes(of: ["error": .string(problem.detail)]))
    return response
  }
}

/// A request for inference: a batch of latents.
struct InferenceRequest {
  let id: String?
  let latents: Batch

  /// - Parameters:
  ///   - shape: of one latent.
  ///   - countMax: samples of one request.
  /// - Throws: `DocumentError` naming the field.
  init(_ body: JSONValue, shape: [Int], countMax: Int) throws(DocumentError) {
    let document = try ObjectReader(body)
    id = try document.string("id")
    _ = try document.object("parameters")
    guard let inputs = try document.objects("inputs"), inputs.count == 1, let input = inputs.first
    else { throw document.malformed("inputs", "expected an array of the one input \"latents\"") }
    if let outputs = try document.objects("outputs") {
      for output in outputs { try Self.checkOutput(output) }
    }
    try document.finish()
    latents = try Self.latents(input, shape: shape, countMax: countMax)
  }

  private static func checkOutput(_ output: ObjectReader) throws(DocumentError) {
    let name = try output.requiredString("name")
    _ = try output.object("parameters")
    try output.finish()
    guard name == InferenceDocument.outputName else {
      throw output.malformed(
        "name", "is \"\(name.prefix(64))\"; the one output is \"\(InferenceDocument.outputName)\"")
    }
  }

  private static func latents(
    _ input: ObjectReader, shape: [Int], countMax: Int
  ) throws(DocumentError) -> Batch {
    let name = try input.requiredString("name")
    let type = try input.requiredString("datatype")
    let extents =
      try input.integers("shape", in: 1...Int(Int32.max), counts: 1...shape.count + 1) ?? []
    _ = try input.object("parameters")
    let data = try input.required("data")
    try input.finish()
    guard name == InferenceDocument.inputName else {
      throw input.malformed(
        "name", "is \"\(name.prefix(64))\"; the one input is \"\(InferenceDocument.inputName)\"")
    }
    guard type == "FP32" else {
      throw input.malformed("datatype", "is \"\(type.prefix(64))\"; expected FP32")
    }
    guard let count = extents.first, Array(extents.dropFirst()) == shape else {
      throw input.malformed("shape", "is \(extents); expected [N] and the latent's shape \(shape)")
    }
    guard count <= countMax else {
      throw input.malformed("shape", "asks for \(count) samples; at most \(countMax) are given")
    }
    var values: [Float] = []
    let width = shape.reduce(1, *)
    let isWhole = flatten(data, into: &values, countMax: count * width)
    guard isWhole, values.count == count * width, values.allSatisfy(\.isFinite) else {
      throw input.malformed(
        "data",
        "expected \(count * width) finite single-precision numbers, flat or nested, row-major")
    }
    return Batch(count: count, width: width, values: values)
  }

  /// Whether there are nothing but numbers, and not too many.
  private static func flatten(
    _ value: JSONValue, into values: inout [Float], countMax: Int
  ) -> Bool {
    switch value {
    case .numbers(let numbers):
      values += numbers.map { Float($0) }
      return values.count <= countMax
    case .array(let elements):
      return elements.allSatisfy { flatten($0, into: &values, countMax: countMax) }
    case .null, .bool, .number, .string, .object: return false
    }
  }
}
