import LinearAlgebra
import Networks

/// A perceptron of straight pieces in double precision, with the affine map that it is around a
/// latent.
struct DoublePerceptron {
  private let layers: [(matrix: [[Double]], offset: [Double])]
  /// One activation after each layer, or after each but the last.
  private let activations: [any KinkedActivation]

  /// The generator must be dense layers with kinked activations between them.
  init(_ generator: Generator) {
    layers = generator.stages.compactMap { stage in
      guard let affine = stage as? AffineMap, let dense = affine.linear as? DenseMap else {
        return nil
      }
      let rows = (0..<dense.outputCount).map { row in
        dense.matrix[row * dense.inputCount..<(row + 1) * dense.inputCount].map(Double.init)
      }
      return (rows, affine.offset?.map(Double.init) ?? rows.map { _ in 0 })
    }
    activations = generator.stages.compactMap {
      ($0 as? any ElementwiseMap)?.function as? any KinkedActivation
    }
  }

  /// A unit in front of an activation: its value and gradient in the latent.
  struct Unit {
    var layer: Int
    var value: Double
    var gradient: [Double]
    var kinks: [Double]
    var piece: Int { kinks.count { value > $0 } }

    /// The kink that the latent reaches first, and how far away it is.
    var nearest: (kink: Double, distance: Double) {
      let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return kinks.map { ($0, abs(value - $0) / length) }.min { $0.1 < $1.1 } ?? (0, .infinity)
    }
  }

  /// - Returns: each unit, and the outputs as units of their own that have no kinks.
  func units(at latent: [Double]) -> (units: [Unit], outputs: [Unit]) {
    var units: [Unit] = []
    var current = latent.indices.map { entry in
      Unit(
        layer: -1, value: latent[entry],
        gradient: latent.indices.map { $0 == entry ? 1 : 0 }, kinks: [])
    }
    for (place, layer) in layers.enumerated() {
      current = zip(layer.matrix, layer.offset).map { weights, offset in
        var unit = Unit(
          layer: place, value: offset, gradient: latent.map { _ in 0 }, kinks: [])
        for (weight, input) in zip(weights, current) {
          unit.value += weight * input.value
          for entry in latent.indices { unit.gradient[entry] += weight * input.gradient[entry] }
        }
        return unit
      }
      guard place < activations.count else { continue }
      let function = activations[place]
      units += current.map {
        var unit = $0
        unit.kinks = function.kinks.map(Double.init)
        return unit
      }
      current = current.map { unit in
        var unit = unit
        let slope = Double(function.derivative(at: Float(unit.value), value: 0))
        // A straight piece through the point of the same piece that single precision knows.
        let anchor = Float(unit.value)
        unit.value = Double(function.value(at: anchor)) + slope * (unit.value - Double(anchor))
        unit.gradient = unit.gradient.map { slope * $0 }
        return unit
      }
    }
    return (units, current)
  }

  func pattern(at latent: [Double]) -> [Int] { units(at: latent).units.map(\.piece) }
}
