import Documents
import LinearAlgebra

/// What one measurement may ask for.
public struct MeasurementLimits: Sendable {
  /// Numbers of an observation.
  public var outputCountMax = 1 << 20
  /// Multiplications of measuring one signal. Drawn matrices are bounded by it, which has an entry
  /// for each.
  public var multiplyCountMax = 1 << 27
  /// Entries of a matrix or kernel that a document holds.
  public var givenEntriesMax = 1 << 24
  /// Measurements inside one another, the outermost counted.
  public var nestingMax = 4
  /// Measurements one after the other in a composition.
  public var stagesMax = 8

  public init() {}

  /// - Throws: `DocumentError` naming the whole measurement.
  func check(_ measurement: any Measurement, pointer: String) throws(DocumentError) {
    guard measurement.outputCount <= outputCountMax else {
      throw .unprocessable(
        pointer,
        "gives \(measurement.outputCount) numbers; at most \(outputCountMax) are allowed")
    }
    guard measurement.multiplyCount <= multiplyCountMax else {
      throw .unprocessable(
        pointer,
        "takes \(measurement.multiplyCount) multiplications a signal; at most \(multiplyCountMax) "
          + "are allowed")
    }
  }

  /// The limits for measurements inside this one.
  ///
  /// - Throws: `DocumentError` naming the field that holds them.
  func nested(in field: String, of document: ObjectReader) throws(DocumentError) -> Self {
    guard nestingMax > 1 else {
      throw document.unprocessable(field, "measurements are nested too deeply; take one out")
    }
    var limits = self
    limits.nestingMax -= 1
    return limits
  }
}
