import Foundation
import LinearAlgebra
import Networks

/// How near a dense ReLU layer comes to a Gaussian one, by sampling: lower bounds on the constants of
/// the weight distribution condition and of its range restricted form (Cocola 2022, definitions 4.2
/// and 4.3).
///
/// For a layer `W` of shape `n x l`, scaled so that its squared Frobenius norm is `l` as for entries
/// N(0, 1/n) (a factor is irrelevant: remark 1), the condition asks for all `r`, `s` that
///
///     | W_{+,r}^T W_{+,s} - Q_{r,s} |_2 <= epsilon        W_{+,r} = diag(W r > 0) W
///     Q_{r,s} = (pi - theta) / (2 pi) I + sin(theta) / (2 pi) M_{r <-> s}
///
/// with `theta` the angle between them and `M` the map that swaps their directions. The range
/// restricted form asks for `|<(...) u, v>| <= epsilon |u| |v|` with `r`, `s` in the range of the
/// layers before, and `u`, `v` differences of points of it. Offsets have no part in the definitions,
/// and have none here.
public struct WeightDistributionCondition: Sendable, Equatable {
  /// The largest norm at the pairs that were drawn: no constant below it will do.
  public var unrestricted: Double
  /// The largest form at pairs and differences of the range that were drawn.
  public var rangeRestricted: Double
  /// What the weights were multiplied with.
  public var scale: Double

  /// Pairs `r`, `s` of each kind: their angles are spread evenly from 0 to pi for the first.
  public static let pairs = 16
  /// Differences `u`, `v` of the range; every pair of them is looked at.
  public static let differences = 16
  /// Of the power method, which ends below the norm.
  private static let iterations = 24

  /// Multiplications of looking at a layer of so many weights, roughly.
  static func multiplyCount(weights: Int) -> Double {
    Double(weights) * Double(2 * pairs * (iterations + 1) + differences)
  }

  /// - Parameters:
  ///   - before: the generator up to the layer.
  ///   - latents: drawn for it: `pairs` twice, then `differences` twice.
  init?(_ layer: DenseMap, before: Chain, latents: Batch, random: inout RandomNumbers) {
    let norm = sumOfSquares(layer.matrix)
    guard norm > 0, norm.isFinite else { return nil }
    let squaredScale = Double(layer.inputCount) / norm
    let points = before.evaluate(latents)
    guard points.values.allSatisfy(\.isFinite) else { return nil }
    scale = squaredScale.squareRoot()
    let pairs = Self.pairs
    let drawn = Pair.spread(Self.pairs, dimension: layer.inputCount, from: &random)
    unrestricted = Self.norm(layer, squaredScale, drawn, from: &random)
    let found = (0..<pairs).map {
      Pair(points[$0].map(Double.init), points[pairs + $0].map(Double.init))
    }
    let differences = (0..<Self.differences).map { place in
      zip(points[2 * pairs + place], points[2 * pairs + Self.differences + place])
        .map { $0 - $1 }
    }
    rangeRestricted = Self.form(
      layer, squaredScale, found, Batch(rows: differences, width: layer.inputCount))
  }

  /// Two vectors and what `Q` needs of them: an orthonormal basis of their plane, and the angle.
  private struct Pair {
    let first: [Float]
    let second: [Float]
    /// Along the first, and across.
    private let axes: (along: [Double], across: [Double])
    private let angle: Double
    private let isZero: Bool

    init(_ first: [Double], _ second: [Double]) {
      func inner(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
      }
      self.first = first.map { Float($0) }
      self.second = second.map { Float($0) }
      let lengths = (inner(first, first).squareRoot(), inner(second, second).squareRoot())
      let hasPlane = lengths.0 > 0 && lengths.1 > 0
      isZero = !hasPlane
      let along = first.map { hasPlane ? $0 / lengths.0 : 0 }
      let share = inner(along, second)
      let rest = zip(second, along).map { $0 - share * $1 }
      let height = inner(rest, rest).squareRoot()
      axes = (along, rest.map { height > 0 ? $0 / height : 0 })
      angle = atan2(height, share)
    }

    /// Pairs of random directions, at angles spread evenly from 0 to pi.
    static func spread(
      _ count: Int, dimension: Int, from random: inout RandomNumbers
    ) -> [Pair] {
      (0..<count).map { place in
        let first = (0..<dimension).map { _ in random.normal() }
        let other = Pair(first, (0..<dimension).map { _ in random.normal() })
        let angle = .pi * Double(place) / Double(max(count - 1, 1))
        let second = zip(other.axes.along, other.axes.across).map {
          cos(angle) * $0 + sin(angle) * $1
        }
        return Pair(first, second)
      }
    }

    /// `<Q u, v>`
    func form(_ u: ArraySlice<Float>, _ v: ArraySlice<Float>) -> Double {
      if isZero { return 0 }
      let (a, b) = (components(u), components(v))
      var inner = 0.0
      for (x, y) in zip(u, v) { inner += Double(x) * Double(y) }
      // In the plane's basis, swapping the directions is a reflection.
      let swapped = (
        cos(angle) * a.along + sin(angle) * a.across, sin(angle) * a.along - cos(angle) * a.across
      )
      return
        ((.pi - angle) * inner
        + sin(angle) * (swapped.0 * b.along + swapped.1 * b.across)) / (2 * .pi)
    }

    /// `Q u`
    func apply(_ u: ArraySlice<Float>) -> [Double] {
      if isZero { return u.map { _ in 0 } }
      let a = components(u)
      let along = sin(angle) * (cos(angle) * a.along + sin(angle) * a.across)
      let across = sin(angle) * (sin(angle) * a.along - cos(angle) * a.across)
      return zip(u, zip(axes.along, axes.across)).map {
        ((.pi - angle) * Double($0) + along * $1.0 + across * $1.1) / (2 * .pi)
      }
    }

    private func components(_ u: ArraySlice<Float>) -> (along: Double, across: Double) {
      var (along, across) = (0.0, 0.0)
      for (x, axis) in zip(u, zip(axes.along, axes.across)) {
        along += Double(x) * axis.0
        across += Double(x) * axis.1
      }
      return (along, across)
    }
  }

  /// The units that both vectors of each pair switch on, 1 or 0, a row a pair.
  private static func active(_ layer: DenseMap, _ pairs: [Pair]) -> Batch {
    let first = layer.apply(Batch(rows: pairs.map(\.first), width: layer.inputCount))
    let second = layer.apply(Batch(rows: pairs.map(\.second), width: layer.inputCount))
    return Batch(
      count: pairs.count, width: layer.outputCount,
      values: zip(first.values, second.values).map { $0 > 0 && $1 > 0 ? 1 : 0 })
  }

  /// The largest `|D|_2` of the symmetric `D = c^2 W^T diag(active) W - Q`, for all pairs at once.
  private static func norm(
    _ layer: DenseMap, _ squaredScale: Double, _ pairs: [Pair], from random: inout RandomNumbers
  ) -> Double {
    let mask = DiagonalMap(active(layer, pairs))
    var vectors = random.normal(count: pairs.count, width: layer.inputCount)
    var norms = [Double](repeating: 0, count: pairs.count)
    for _ in 0..<iterations {
      for place in pairs.indices {
        let length = sumOfSquares(vectors[place]).squareRoot()
        vectors.setRow(
          place, to: vectors[place].map { length > 0 ? Float(Double($0) / length) : 0 })
      }
      var images = layer.applyAdjoint(mask.apply(layer.apply(vectors)))
      for (place, pair) in pairs.enumerated() {
        let expected = pair.apply(vectors[place])
        images.setRow(
          place, to: zip(images[place], expected).map { Float(squaredScale * Double($0) - $1) })
        norms[place] = sumOfSquares(images[place]).squareRoot()
      }
      vectors = images
    }
    return norms.max() ?? 0
  }

  /// The largest `|<D u, v>| / |u| |v|` over all pairs and differences.
  private static func form(
    _ layer: DenseMap, _ squaredScale: Double, _ pairs: [Pair], _ differences: Batch
  ) -> Double {
    let lengths = (0..<differences.count).map { sumOfSquares(differences[$0]).squareRoot() }
    let images = layer.apply(differences)
    let masks = active(layer, pairs)
    var largest = 0.0
    for (place, pair) in pairs.enumerated() {
      let mask = Array(masks[place])
      let masked = DiagonalMap(Batch(row: mask)).apply(images)
      for first in 0..<differences.count {
        for second in 0...first where lengths[first] > 0 && lengths[second] > 0 {
          var inner = 0.0
          for (x, y) in zip(masked[first], images[second]) { inner += Double(x) * Double(y) }
          let miss = squaredScale * inner - pair.form(differences[first], differences[second])
          largest = max(largest, abs(miss) / (lengths[first] * lengths[second]))
        }
      }
    }
    return largest
  }
}
