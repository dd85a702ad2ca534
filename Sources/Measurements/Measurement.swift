import Documents
import LinearAlgebra

/// What is seen of a signal: `y = A(x)`, before noise.
public protocol Measurement: DifferentiableMap {
  /// The document that the measurement was made from; it is all that is needed to make it again.
  var document: JSONValue { get }

  /// The entries of the signal that are seen as they are, in the order in which the observation
  /// lists them; `nil` when the measurement mixes entries.
  var observedEntries: [Int]? { get }
}

/// A type of measurement that documents can name. Adding one is a file in `Operators/` and a line
/// in `MeasurementCatalogue`.
public protocol MeasurementKind: Sendable {
  /// The value of `"type"`.
  static var type: String { get }
  static var summary: String { get }
  static var parameters: [any ParameterDescription] { get }

  /// - Parameters:
  ///   - document: the measurement's own document, of which `"type"` was read.
  ///   - value: the same document as it will be stored.
  ///   - signalShape: of what is measured, without the batch: channels, height and width for
  ///     images.
  /// - Throws: `DocumentError` naming the field that cannot be accepted.
  static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int]
  ) throws(DocumentError) -> any Measurement
}

/// Every type of measurement there is, by name.
public enum MeasurementCatalogue {
  public static let kinds: [any MeasurementKind.Type] = [
    IdentityMeasurement.self, MaskMeasurement.self,
  ]

  /// - Parameter pointer: where the document stands in the request, for messages.
  public static func build(
    _ value: JSONValue, signalShape: [Int], pointer: String = "/measurement"
  ) throws(DocumentError) -> any Measurement {
    let document = try ObjectReader(value, pointer: pointer)
    let type = try document.requiredString("type")
    guard let kind = kinds.first(where: { $0.type == type }) else {
      let known = kinds.map { $0.type }.joined(separator: ", ")
      throw document.malformed("type", "is \"\(type.prefix(64))\"; expected one of \(known)")
    }
    let measurement = try kind.build(document, value: value, signalShape: signalShape)
    try document.finish()
    return measurement
  }
}
