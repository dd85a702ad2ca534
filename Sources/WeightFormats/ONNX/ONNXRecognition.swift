import Documents
import Foundation

/// Activations that exporters write out as several nodes are found by what they compute: the layers
/// that act entry by entry behind some signal are together a function of one number, and its values
/// tell which it is. So the order of the nodes, and where their constants stand, do not matter.
extension ONNXNetwork {
  /// More nodes than any activation is written in; the largest is GELU by a hyperbolic tangent.
  private static let partsMax = 24

  /// The signal that computes the same by a layer of its own; `nil` when no such layer is known.
  mutating func recognised(_ signal: ONNXSignal) -> ONNXSignal? {
    let parts = self.parts(of: signal)
    var bases: [ONNXSignal] = []
    for input in parts.flatMap({ layers[$0].inputs })
    where !bases.contains(where: { $0.layer == input.layer }) {
      bases.append(input)
    }
    for base in bases {
      guard let values = values(of: signal.layer, from: base.layer) else { continue }
      for activation in KnownActivation.all where activation.agrees(with: values) {
        return append(
          ONNXLayer(
            activation.type, behind: base, fields: activation.fields,
            function: { activation.function($0[0]) }),
          shape: signal.shape, layerShape: base.layerShape)
      }
      // A choice between two branches of which one alone computes it, as for softplus.
      for part in parts where part != signal.layer && part != base.layer {
        guard layers[part].refusal == nil,
          let own = self.values(of: part, from: base.layer), Self.agree(values, own)
        else { continue }
        return ONNXSignal(
          shape: signal.shape, layerShape: base.layerShape, layer: part, biasAxis: nil)
      }
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

  /// The values of a layer at ``KnownActivation/points`` of the base; `nil` when it depends on
  /// anything else.
  private func values(of layer: Int?, from base: Int?) -> [Double]? {
    var known: [Int?: [Double]] = [base: KnownActivation.points]
    func values(_ place: Int?, depth: Int) -> [Double]? {
      if let values = known[place] { return values }
      guard let place, depth < Self.partsMax, let function = layers[place].function else {
        return nil
      }
      var inputs: [[Double]] = []
      for input in layers[place].inputs {
        guard let values = values(input.layer, depth: depth + 1) else { return nil }
        inputs.append(values)
      }
      let result = KnownActivation.points.indices.map { point in
        function(inputs.map { $0[point] })
      }
      known[place] = result
      return result
    }
    return values(layer, depth: 0)
  }

  fileprivate static func agree(_ values: [Double], _ expected: [Double]) -> Bool {
    KnownActivation.points.indices.allSatisfy { place in
      // Far out some ways of writing leave the range of numbers.
      values[place].isFinite
        ? abs(values[place] - expected[place]) <= 1e-6 * max(1, abs(expected[place]))
        : abs(KnownActivation.points[place]) > 10
    }
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

  func agrees(with values: [Double]) -> Bool {
    ONNXNetwork.agree(values, Self.points.map(function))
  }
}
