import Documents
import LinearAlgebra

/// Signs only: `y = sign(A x + t)` for a linear `A`, with 1 at zero. The dither `t` is uniform between
/// `-dither` and `dither` and known; without one the length of `x` cannot be seen. (Qiu, Wei and
/// Yang 2020 for generators; the dither is theirs.)
///
/// The derivative is zero wherever there is one. Solvers make the part of the linear measurement
/// that lies on the wrong side small instead, `r = min(0, y (A x + t))`, which is zero for exactly
/// the signals that give the observed signs (Jacques et al. 2013, the one-sided l2 objective).
///
/// Dither `i` is `dither * (2 uniform() - 1)` of a `RandomNumbers` of the measurement's seed and of
/// stream `0x6469_7468`.
public struct OneBitMeasurement: Measurement, MeasurementKind {
  public static let type = "one_bit"
  public static let summary = "the signs of another, linear measurement, after a known dither"
  public static let parameters: [any ParameterDescription] = [
    LinearPart.parameter, ditherParameter, DrawnRows.seedParameter,
  ]
  private static let ditherParameter = Parameter<Double>(
    "dither", default: 0, in: 0...1e30,
    "half the width of the uniform dither, in the units of the linear measurement")

  private let linear: any Measurement & LinearMap
  private let chain: Chain
  /// `t`
  package let dither: [Float]
  public let document: JSONValue

  /// - Parameter dither: at least 0.
  public init(
    of linear: any Measurement & LinearMap, dither: Double = 0, seed: UInt64 = 0,
    document: JSONValue? = nil
  ) {
    var random = RandomNumbers(seed: seed, stream: 0x6469_7468)
    let drawn = (0..<linear.outputCount).map { _ in Float(dither * (2 * random.uniform() - 1)) }
    self.linear = linear
    self.dither = drawn
    self.document =
      document
      ?? [
        "type": "one_bit", "of": linear.document, "dither": .number(dither),
        "seed": .number(Double(seed)),
      ]
    chain = Chain([linear, DitheredSign(dither: drawn)], inputCount: linear.inputCount)
  }

  public var inputCount: Int { chain.inputCount }
  public var outputCount: Int { chain.outputCount }
  public var outputShape: [Int] { linear.outputShape }
  public var multiplyCount: Int { linear.multiplyCount }
  public var isDifferentiable: Bool { false }

  public func evaluate(_ x: Batch) -> Batch { chain.evaluate(x) }
  public func linearize(at x: Batch) -> Linearization { chain.linearize(at: x) }

  /// Of the observed numbers only the signs count.
  public func surrogate(for observation: [Float]) -> SurrogateResidual? {
    let signs = observation.map { $0 >= 0 ? 1 : -1 as Float }
    let energy = sumOfSquares(dither)
    return SurrogateResidual(
      residual: Chain(
        [linear, WrongSide(signs: signs, dither: dither)], inputCount: linear.inputCount),
      scale: (energy > 0 ? energy : Double(signs.count)) / 2)
  }

  public static func build(
    _ document: ObjectReader, value: JSONValue, signalShape: [Int], limits: MeasurementLimits
  ) throws(DocumentError) -> any Measurement {
    let linear = try LinearPart.build(document, signalShape: signalShape, limits: limits)
    let dither = try document.value(ditherParameter)
    let seed = try document.value(DrawnRows.seedParameter)
    return OneBitMeasurement(of: linear, dither: dither, seed: UInt64(seed), document: value)
  }
}

/// `sign(x + t)`; its derivative is zero.
private struct DitheredSign: DifferentiableMap {
  let dither: [Float]
  var inputCount: Int { dither.count }
  var outputCount: Int { dither.count }

  func evaluate(_ x: Batch) -> Batch {
    x.mapEntries { entry, place in entry + dither[place] >= 0 ? 1 : -1 }
  }

  func linearize(at x: Batch) -> Linearization {
    Linearization(
      value: evaluate(x), jacobian: DiagonalMap(Batch(zeros: x.count, width: x.width)))
  }
}

/// `min(0, y (x + t))`
private struct WrongSide: DifferentiableMap {
  /// `y`
  let signs: [Float]
  let dither: [Float]
  var inputCount: Int { signs.count }
  var outputCount: Int { signs.count }

  func evaluate(_ x: Batch) -> Batch {
    x.mapEntries { entry, place in min(0, signs[place] * (entry + dither[place])) }
  }

  func linearize(at x: Batch) -> Linearization {
    let slopes = x.mapEntries { entry, place in
      signs[place] * (entry + dither[place]) < 0 ? signs[place] : 0
    }
    return Linearization(value: evaluate(x), jacobian: DiagonalMap(slopes))
  }
}

extension Batch {
  /// - Parameter function: of an entry and its place in the row.
  fileprivate func mapEntries(_ function: (_ entry: Float, _ place: Int) -> Float) -> Batch {
    Batch(count: count, width: width) { result in
      for row in 0..<count {
        for place in 0..<width {
          result[row &* width &+ place] = function(values[row &* width &+ place], place)
        }
      }
    }
  }
}
