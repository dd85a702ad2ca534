import Documents
import LinearAlgebra

/// Every channel at a lower resolution: the means of blocks of `factor x factor` pixels that do not
/// overlap; of `factor` neighbours where the signal has one extent only.
public struct DownsampleMeasurement: Measurement, LinearMap, PreciselyEvaluated, MeasurementKind {
  public static let type = "downsample"
  public static let summary = "the means of square blocks of pixels"
  public static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "factor",
      schema: [
        "type": "integer", "minimum": 1,
        "description": "pixels along each side of a block; must divide the signal's extents",
      ])
  ]

  public let inputCount: Int
  public let outputShape: [Int]
  public let document: JSONValue
  /// Of the signal; channels and, with one extent, a row.
  private let grid: PixelGrid
  private let blockHeight: Int
  private let blockWidth: Int

  /// `factor` must be at least 1 and divide the last two extents, or the only one.
  public init(factor: Int, signalShape: [Int], document: JSONValue? = nil) {
    precondition(
      signalShape.suffix(2).allSatisfy { $0 % factor == 0 }, "whole blocks cover the signal")
    grid = PixelGrid(signalShape: signalShape)
    blockHeight = signalShape.count > 1 ? factor : 1
    blockWidth = factor
    inputCount = grid.count
    outputShape = signalShape.dropLast(2) + signalShape.suffix(2).map { $0 / factor }
    self.document = document ?? ["type": "downsample", "factor": JSONValue(factor)]
  }

  public var outputCount: Int { inputCount / (blockHeight * blockWidth) }
  public var multiplyCount: Int { inputCount }
  public var keepsRange: Bool { true }
  public var squaredRowNorm: Double? { 1 / Double(blockHeight * blockWidth) }

  private var share: Float { 1 / Float(blockHeight * blockWidth) }
  private var columns: Int { grid.width / blockWidth }

  public func apply(_ x: Batch) -> Batch {
    var result = Batch(zeros: x.count, width: outputCount)
    let (width, columns, share) = (grid.width, columns, share)
    x.values.withUnsafeBufferPointer { x in
      result.values.withUnsafeMutableBufferPointer { result in
        // Lines of pixels, those of all channels and samples after one another.
        for line in 0..<x.count / width {
          let into = line / blockHeight &* columns
          for column in 0..<columns {
            var sum: Float = 0
            for step in 0..<blockWidth {
              sum += x[line &* width &+ column &* blockWidth &+ step]
            }
            result[into &+ column] += sum * share
          }
        }
      }
    }
    return result
  }

  public func applyAdjoint(_ y: Batch) -> Batch {
    let (width, share) = (grid.width, share)
    return Batch(count: y.count, width: inputCount) { result in
      y.values.withUnsafeBufferPointer { y in
        for line in 0..<result.count / width {
          let from = line / blockHeight &* columns
          for pixel in 0..<width {
            result[line &* width &+ pixel] = y[from &+ pixel / blockWidth] * share
          }
        }
      }
    }
  }

  public func evaluatePrecisely(_ x: [Double]) -> [Double]? {
    var result = [Double](repeating: 0, count: outputCount)
    let share = 1 / Double(blockHeight * blockWidth)
    for (entry, value) in x.enumerated() {
      let line = entry / grid.width / blockHeight
      result[line * columns + entry % grid.width / blockWidth] += value * share
    }
    return result
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    _ = try document.required("factor")
    let factor = try document.integer("factor", in: 1...1 << 53) ?? 1
    let extents = signalShape.suffix(2)
    guard extents.allSatisfy({ $0 % factor == 0 }) else {
      throw document.unprocessable(
        "factor",
        "\(factor) does not divide \(extents.map(String.init).joined(separator: " x ")), the "
          + "extents of the signal")
    }
    return DownsampleMeasurement(factor: factor, signalShape: signalShape, document: value)
  }
}
