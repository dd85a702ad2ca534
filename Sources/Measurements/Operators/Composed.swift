import Documents
import LinearAlgebra

/// Measurements one after the other, each of what the one before it gives: a camera that blurs, then
/// samples. Of a composition only the last may be without a useful derivative.
public struct ComposedMeasurement: Measurement, MeasurementKind {
  public static let type = "compose"
  public static let summary = "measurements one after the other"
  public static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "of",
      schema: [
        "type": "array", "minItems": 1,
        "items": ["type": "object", "required": ["type"]],
        "description": "documents of measurements, in the order in which they are made",
      ])
  ]

  private let stages: Stages
  private let chain: Chain
  public let document: JSONValue

  fileprivate init(_ stages: Stages, document: JSONValue) {
    self.stages = stages
    self.document = document
    chain = Chain(stages.all, inputCount: stages.all[0].inputCount)
  }

  public var inputCount: Int { chain.inputCount }
  public var outputCount: Int { chain.outputCount }
  public var outputShape: [Int] { stages.last.outputShape }
  public var multiplyCount: Int { chain.multiplyCount }
  public var isDifferentiable: Bool { stages.last.isDifferentiable }

  public func evaluate(_ x: Batch) -> Batch { chain.evaluate(x) }
  public func linearize(at x: Batch) -> Linearization { chain.linearize(at: x) }

  public func surrogate(for observation: [Float]) -> SurrogateResidual? {
    guard let last = stages.last.surrogate(for: observation) else { return nil }
    return SurrogateResidual(
      residual: Chain(stages.all.dropLast() + [last.residual], inputCount: inputCount),
      scale: last.scale)
  }

  public func observation(from given: [Float]) -> [Float]? {
    stages.last.observation(from: given)
  }

  /// - Parameter measurements: at least one; each must take what the one before it gives, and only
  ///   the last may be without a derivative.
  /// - Returns: a `LinearMap` when every one of them is one.
  public static func compose(
    _ measurements: [any Measurement], document: JSONValue? = nil
  ) -> any Measurement {
    let document =
      document ?? ["type": "compose", "of": .array(measurements.map(\.document))]
    let stages = Stages(measurements)
    let linear = measurements.compactMap { $0 as? any Measurement & LinearMap }
    return linear.count == measurements.count
      ? ComposedLinearMeasurement(linear, stages, document: document)
      : ComposedMeasurement(stages, document: document)
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let pointer = document.pointer(to: "of")
    guard let parts = try document.required("of").elements, !parts.isEmpty else {
      throw document.malformed("of", "expected a list of one measurement or more")
    }
    guard parts.count <= limits.stagesMax else {
      throw document.unprocessable(
        "of", "has \(parts.count) measurements; at most \(limits.stagesMax) may be composed")
    }
    let nested = try limits.nested(in: "of", of: document)
    var measurements: [any Measurement] = []
    var shape = signalShape
    for (place, part) in parts.enumerated() {
      if let before = measurements.last, !before.isDifferentiable {
        throw .unprocessable(
          "\(pointer)/\(place - 1)",
          "has no useful derivative; such a measurement can only be the last")
      }
      let measurement = try MeasurementCatalogue.build(
        part, signalShape: shape, limits: nested, pointer: "\(pointer)/\(place)")
      shape = measurement.outputShape
      measurements.append(measurement)
    }
    return compose(measurements, document: value)
  }
}

/// A composition of linear measurements.
private struct ComposedLinearMeasurement: Measurement, LinearMap {
  private let factors: [any Measurement & LinearMap]
  private let stages: Stages
  let document: JSONValue

  init(_ factors: [any Measurement & LinearMap], _ stages: Stages, document: JSONValue) {
    self.factors = factors
    self.stages = stages
    self.document = document
  }

  var inputCount: Int { factors[0].inputCount }
  var outputCount: Int { stages.last.outputCount }
  var outputShape: [Int] { stages.last.outputShape }
  var multiplyCount: Int { factors.reduce(0) { $0 + $1.multiplyCount } }

  /// Entries of entries, where every factor takes some as they are.
  var observedEntries: [Int]? {
    var entries: [Int]?
    for factor in factors {
      guard let next = factor.observedEntries else { return nil }
      entries = entries.map { seen in next.map { seen[$0] } } ?? next
    }
    return entries
  }

  var keepsRange: Bool { factors.allSatisfy(\.keepsRange) }

  /// The product of the factors' own: `A B B^T A^T = s_B A A^T = s_A s_B I`.
  var squaredRowNorm: Double? {
    factors.reduce(1) { product, factor in
      product.flatMap { product in factor.squaredRowNorm.map { product * $0 } }
    }
  }

  func apply(_ x: Batch) -> Batch { factors.reduce(x) { $1.apply($0) } }
  func applyAdjoint(_ y: Batch) -> Batch { factors.reversed().reduce(y) { $1.applyAdjoint($0) } }

  func columns(for samples: Int) -> Batch {
    factors.dropFirst().reduce(factors[0].columns(for: samples)) { $1.apply($0) }
  }
}

/// At least one measurement, each of what the one before it gives.
private struct Stages: Sendable {
  let all: [any Measurement]
  var last: any Measurement { all[all.count - 1] }

  init(_ all: [any Measurement]) {
    precondition(!all.isEmpty, "something is measured")
    precondition(
      zip(all, all.dropFirst()).allSatisfy { $0.outputCount == $1.inputCount },
      "each measurement takes what the one before it gives")
    self.all = all
  }
}
