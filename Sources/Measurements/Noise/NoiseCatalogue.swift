import Documents

/// Every type of noise there is, by name.
public enum NoiseCatalogue {
  public static let kinds: [any NoiseModel.Type] = [
    NoNoise.self, GaussianNoise.self, UniformNoise.self, LaplaceNoise.self, OutlierNoise.self,
    PoissonNoise.self,
  ]

  public static let defaultDocument: JSONValue = ["type": "none"]

  /// - Parameters:
  ///   - value: the request's `noise`; `nil` is no noise.
  ///   - pointer: where the document stands in the request, for messages.
  /// - Throws: `DocumentError` naming the field that cannot be accepted.
  public static func build(
    _ value: JSONValue?, pointer: String = "/noise"
  ) throws(DocumentError) -> any NoiseModel {
    guard let value, value != .null else { return NoNoise() }
    let document = try ObjectReader(value, pointer: pointer)
    let type = try document.requiredString("type")
    guard let kind = kinds.first(where: { $0.type == type }) else {
      let known = kinds.map { $0.type }.joined(separator: ", ")
      throw document.malformed("type", "is \"\(type.prefix(64))\"; expected one of \(known)")
    }
    let model = try kind.build(document)
    try document.finish()
    return model
  }
}
