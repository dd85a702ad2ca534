import Documents
import LinearAlgebra

/// Which layer takes the output of which: from the fields `name` and `from` that every layer may
/// have. A layer without `from` takes what the layer before it gives.
struct LayerWiring {
  /// What every layer may say beside the fields of its type.
  static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "name",
      schema: [
        "type": ["string", "null"], "minLength": 1, "maxLength": JSONValue(nameBytesMax),
        "description": "what later layers call this one's output; \"latent\" is the latent code",
      ]),
    StructuredParameter(
      "from",
      schema: [
        "oneOf": [
          ["type": "string"],
          [
            "type": "array", "items": ["type": "string"], "minItems": 1,
            "maxItems": JSONValue(inputsMax),
          ],
        ],
        "default": .null,
        "description":
          .string(
            "names of the layers whose outputs are taken; by default the layer before. A single "
              + "name beside a layer that takes several, such as add, is taken with the layer before"
          ),
      ]),
  ]

  private static let nameBytesMax = 256
  private static let inputsMax = 64
  private static let latent = "latent"

  private var values: [String: Int] = [Self.latent: 0]
  private var isUsed = [false]
  private var readers: [ObjectReader] = []

  /// The values that the next layer takes: 0 is the latent, `i + 1` what layer `i` gives.
  ///
  /// - Parameter counts: how many the type of layer takes.
  /// - Throws: `DocumentError` when `from` names what is not an earlier layer, or too few or many.
  mutating func inputs(
    of layer: ObjectReader, counts: ClosedRange<Int>
  ) throws(DocumentError) -> [Int] {
    let before = isUsed.count - 1
    var inputs: [Int] = []
    for name in try names(layer) {
      guard let value = values[name] else {
        let known = values.keys.sorted().prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
        throw layer.unprocessable(
          "from", "\"\(name.prefix(64))\" names no layer before this one; those named are \(known)")
      }
      inputs.append(value)
    }
    if inputs.isEmpty || inputs.count == 1 && counts.lowerBound > 1 {
      inputs.insert(before, at: 0)
    }
    guard counts.contains(inputs.count) else {
      let expected =
        counts.count == 1
        ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw layer.unprocessable(
        "from", "the layer takes \(inputs.count) values; its type takes \(expected)")
    }
    for input in inputs { isUsed[input] = true }
    return inputs
  }

  /// Gives the layer whose inputs were asked for its place among the values.
  mutating func add(_ layer: ObjectReader) throws(DocumentError) {
    readers.append(layer)
    isUsed.append(false)
    guard let name = try layer.string("name") else { return }
    guard (1...Self.nameBytesMax).contains(name.utf8.count) else {
      throw layer.malformed(
        "name", "has \(name.utf8.count) bytes; expected 1 to \(Self.nameBytesMax)")
    }
    guard values.updateValue(readers.count, forKey: name) == nil else {
      throw layer.unprocessable(
        "name",
        name == Self.latent
          ? "is \"latent\", which stands for the latent code; choose another"
          : "is \"\(name.prefix(64))\", as an earlier layer's; names must differ")
    }
  }

  /// - Throws: `DocumentError` when a layer but the last, or the latent, is taken by none.
  func finish() throws(DocumentError) {
    guard let unused = isUsed.dropLast().firstIndex(of: false) else { return }
    let reader = readers[max(unused - 1, 0)]
    throw reader.unprocessable(
      "from",
      unused == 0
        ? "no layer takes the latent code" : "no later layer takes the output of this one")
  }

  private func names(_ layer: ObjectReader) throws(DocumentError) -> [String] {
    switch layer.value("from") {
    case nil, .null?: return []
    case .string(let name)?: return [name]
    case let value?:
      let names = value.elements?.compactMap(\.string) ?? []
      guard (1...Self.inputsMax).contains(names.count), names.count == value.elements?.count else {
        throw layer.malformed(
          "from", "expected a name, or an array of 1 to \(Self.inputsMax) names")
      }
      return names
    }
  }
}
