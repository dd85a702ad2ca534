import Documents
import Foundation

/// Activations that exporters write out as several nodes are found by what they compute: the layers
/// that act entry by entry behind some signal are together a function of one number, and its values
/// tell which it is. So the order of the nodes, and where their constants stand, do not matter.
extension ONNXNetwork {
  /// More nodes than any activation is written in; the largest is GELU by a hyperbolic tangent.
  private static let partsMax = 16

  /// The signal that computes the same by a layer of its own; `nil` when no such layer is known.
  mutating func recognised(_ signal: ONNXSignal) -> ONNXSignal? {
    let parts = self.parts(of: signal)
    var inputs: [ONNXSignal] = []
    for input in parts.flatMap({ layers[$0].inputs })
    where !inputs.contains(where: { $0.layer == input.layer }) {
      inputs.append(input)
    }
    for base in inputs {
      guard
        let (input, activation) = match(signal, inputs, from: base, at: KnownActivation.probes),
        let confirmed = match(signal, [input], from: base, at: KnownActivation.points),
        confirmed.activation?.name == activation?.name
      else { continue }
      guard let activation else {
        return ONNXSignal(
          shape: signal.shape, layerShape: input.layerShape, layer: input.layer, biasAxis: nil)
      }
      return append(
        ONNXLayer(
          activation.type, behind: input, fields: activation.fields,
          function: { activation.function($0[0]) }),
        shape: signal.shape, layerShape: input.layerShape)
    }
    return nil
  }

  /// The layers that act entry by entry, from the one that gives the signal downwards.
  private func parts(of signal: ONNXSignal) -> [Int] {
    var parts: [Int] = []
    var next = [signal.layer]
    while let place = next.popLast(), parts.count < Self.partsMax {
      guard let place, layers[place].function != nil, !parts.contains(place) else { continue }
      parts.append(place)
      next += layers[place].inputs.map(\.layer)
    }
    return parts.sorted(by: >)
  }

  /// One of the inputs of which the signal is an activation, as far as these points tell; or of
  /// which it is the very values, as a choice between two branches may be.
  ///
  /// - Parameter base: what everything is a function of.
  private func match(
    _ signal: ONNXSignal, _ inputs: [ONNXSignal], from base: ONNXSignal, at points: [Double]
  ) -> (input: ONNXSignal, activation: KnownActivation?)? {
    var known: [Int?: [Double]] = [base.layer: points]
    guard let values = values(of: signal.layer, &known, depth: 0) else { return nil }
    for input in inputs where layer(of: input)?.refusal == nil {
      guard let own = self.values(of: input.layer, &known, depth: 0) else { continue }
      if input.layer != base.layer, KnownActivation.agree(values, own, at: own) {
        return (input, nil)
      }
      for activation in KnownActivation.all
      where KnownActivation.agree(values, own.map(activation.function), at: own) {
        return (input, activation)
      }
    }
    return nil
  }

  /// The values of a layer, given those of some; `nil` when it depends on anything else.
  private func values(
    of place: Int?, _ known: inout [Int?: [Double]], depth: Int
  ) -> [Double]? {
    if let values = known[place] { return values }
    guard let place, depth < Self.partsMax, let function = layers[place].function else {
      return nil
    }
    var inputs: [[Double]] = []
    for input in layers[place].inputs {
      guard let values = values(of: input.layer, &known, depth: depth + 1) else { return nil }
      inputs.append(values)
    }
    let result = inputs[0].indices.map { point in function(inputs.map { $0[point] }) }
    known[place] = result
    return result
  }
}

/// An activation that has a layer, as a function of one number.
private struct KnownActivation: Sendable {
  let type: String
  var fields: [(name: String, value: JSONValue)] = []
  let function: @Sendable (Double) -> Double

  /// Dense where activations bend, and far out on both sides.
  static let points: [Double] = {
    let near = stride(from: 0.0, through: 6, by: 0.1875).map(\.self)
    let positive = near + [7, 8.5, 10, 12.5, 16, 19, 21, 30, 50, 80, 700, 5000, 1e6]
    return positive.dropFirst().reversed().map { -$0 } + positive
  }()

  static let all: [KnownActivation] = [
    KnownActivation(type: "silu") { $0 / (1 + exp(-$0)) },
    KnownActivation(type: "gelu") { 0.5 * $0 * erfc(-$0 / 2.0.squareRoot()) },
    KnownActivation(type: "gelu", fields: [("approximate", "tanh")]) {
      0.5 * $0 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0)))
    },
    KnownActivation(type: "softplus") { max($0, 0) + log1p(exp(-abs($0))) },
    KnownActivation(type: "sigmoid") { 1 / (1 + exp(-$0)) },
    KnownActivation(type: "tanh") { tanh($0) },
    KnownActivation(type: "relu") { max($0, 0) },
  ]

  /// Enough to tell activations from most other functions.
  static let probes = [-3.3, -0.7, 0.4, 1.9]

  var name: String { fields.reduce(type) { "\($0) \($1.name)" } }

  /// - Parameter inputs: what the values are values at.
  static func agree(_ values: [Double], _ expected: [Double], at inputs: [Double]) -> Bool {
    values.indices.allSatisfy { place in
      // Far out some ways of writing leave the range of numbers.
      values[place].isFinite
        ? abs(values[place] - expected[place]) <= 1e-6 * max(1, abs(expected[place]))
        : abs(inputs[place]) > 10
    }
  }
}
