import Documents
import Foundation
import LinearAlgebra

/// Every channel convolved with a kernel; the result has the signal's size. Beyond its border the
/// signal goes on as its mirror image (`d c b a | a b c d | d c b a`), so that a constant stays what
/// it is under a kernel of sum one. A point shows the kernel as the document has it.
public struct BlurMeasurement: Measurement, LinearMap, MeasurementKind {
  public static let type = "blur"
  public static let summary = "the signal convolved with a Gaussian or with a kernel"
  public static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "sigma",
      schema: [
        "type": ["number", "null"], "minimum": .number(sigmas.lowerBound),
        "maximum": .number(sigmas.upperBound),
        "description":
          "standard deviation in pixels of a Gaussian, cut off at four of them and normalised",
      ]),
    StructuredParameter(
      "kernel",
      schema: [
        "type": ["array", "null"], "minItems": 1,
        "items": ["type": "array", "items": ["type": "number"], "minItems": 1],
        "description":
          "in place of sigma: rows of weights, odd numbers of both, used as they are",
      ]),
  ]
  static let sigmas = 1e-3...256.0

  public let outputShape: [Int]
  public let document: JSONValue
  private let grid: PixelGrid
  /// One after the other.
  private let filters: [MirroredFilter]

  /// A Gaussian of that standard deviation in pixels, along both extents, or the only one.
  public init(sigma: Double, signalShape: [Int], document: JSONValue? = nil) {
    let radius = Int((4 * sigma).rounded())
    let bell = (-radius...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
    let sum = bell.reduce(0, +)
    let weights = bell.map { Float($0 / sum) }
    self.init(
      filters: [
        MirroredFilter(weights: weights, height: weights.count, width: 1),
        MirroredFilter(weights: weights, height: 1, width: weights.count),
      ], signalShape: signalShape,
      document: document ?? ["type": "blur", "sigma": .number(sigma)])
  }

  /// - Parameter kernel: rows of weights, an odd number of rows and of weights in each.
  public init(kernel: [[Float]], signalShape: [Int], document: JSONValue? = nil) {
    let width = kernel.first?.count ?? 0
    precondition(
      kernel.count % 2 == 1 && width % 2 == 1 && kernel.allSatisfy { $0.count == width },
      "a kernel has odd extents")
    self.init(
      filters: [
        MirroredFilter(weights: kernel.flatMap { $0 }, height: kernel.count, width: width)
      ], signalShape: signalShape,
      document: document
        ?? ["type": "blur", "kernel": JSONValue(kernel.map { JSONValue($0) })])
  }

  private init(filters: [MirroredFilter], signalShape: [Int], document: JSONValue) {
    self.filters = filters
    self.document = document
    grid = PixelGrid(signalShape: signalShape)
    outputShape = signalShape
  }

  public var inputCount: Int { grid.count }
  public var outputCount: Int { grid.count }
  /// Where the filters are means.
  public var keepsRange: Bool {
    filters.allSatisfy { filter in
      filter.weights.allSatisfy { $0 >= 0 } && abs(filter.weights.reduce(0, +) - 1) < 1e-5
    }
  }
  public var multiplyCount: Int {
    filters.reduce(0) { $0 + $1.weights.count } * grid.count
  }

  public func apply(_ x: Batch) -> Batch {
    filters.reduce(x) { $1.apply($0, grid) }
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    filters.reversed().reduce(y) { $1.applyAdjoint($0, grid) }
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let ways = ["sigma", "kernel"].filter(document.has)
    guard ways.count == 1 else {
      throw .malformed(
        document.pointer,
        "names \(ways.isEmpty ? "none" : "both") of sigma and kernel; expected exactly one")
    }
    if let sigma = try document.number("sigma", in: sigmas) {
      return BlurMeasurement(sigma: sigma, signalShape: signalShape, document: value)
    }
    return BlurMeasurement(
      kernel: try kernel(document, limits), signalShape: signalShape, document: value)
  }

  private static func kernel(
    _ document: ObjectReader, _ limits: MeasurementLimits
  ) throws(DocumentError) -> [[Float]] {
    let rows = (document.value("kernel")?.elements ?? []).map { $0.numbers ?? [] }
    let width = rows.first?.count ?? 0
    guard rows.count % 2 == 1, width % 2 == 1, rows.allSatisfy({ $0.count == width }) else {
      throw document.malformed(
        "kernel",
        "expected rows of numbers, all of one length, an odd number of rows and of numbers in each")
    }
    let kernel = rows.map { $0.map { Float($0) } }
    guard kernel.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw document.malformed("kernel", "holds a number beyond single precision")
    }
    guard kernel.contains(where: { $0.contains { $0 != 0 } }) else {
      throw document.malformed("kernel", "is zero everywhere; nothing would be seen")
    }
    guard rows.count * width <= limits.givenEntriesMax else {
      throw document.unprocessable(
        "kernel",
        "has \(rows.count * width) numbers; at most \(limits.givenEntriesMax) may be given")
    }
    return kernel
  }
}
