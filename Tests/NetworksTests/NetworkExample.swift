import Documents
import LinearAlgebra
import Networks
import Testing

/// A network as a client would send it, small enough to be evaluated the slow way.
struct NetworkExample: Sendable, CustomTestStringConvertible {
  var name: String
  var latentShape: [Int]
  var layers: [JSONValue]
  var tensors: [String: Tensor]

  var testDescription: String { name }

  var naive: NaiveNetwork {
    NaiveNetwork(layers: layers, tensors: tensors, latentShape: latentShape)
  }

  var outputShape: [Int] {
    naive.evaluate([Double](repeating: 0, count: latentShape.reduce(1, *))).shape
  }

  var document: JSONValue {
    [
      "version": 1, "latent": ["shape": JSONValue(latentShape)],
      "output": ["shape": JSONValue(outputShape)], "layers": JSONValue(layers),
    ]
  }

  func generator(limits: GeneratorLimits = .init()) throws -> Generator {
    try Generator(architecture: document, tensors: tensors, limits: limits)
  }

  /// The network with one member of one layer replaced; `nil` removes it.
  func replacing(_ field: String, ofLayer place: Int = 0, with value: JSONValue?) -> NetworkExample
  {
    var changed = self
    var layer = layers[place].object!
    layer[field] = value
    changed.layers[place] = .object(layer)
    return changed
  }

  static func tensor(
    _ shape: [Int], _ random: inout RandomNumbers, scale: Double = 1
  ) -> Tensor {
    Tensor(
      shape: shape,
      values: (0..<shape.reduce(1, *)).map { _ in Float(scale * random.normal()) })
  }

  /// Variances: positive.
  static func variances(_ count: Int, _ random: inout RandomNumbers) -> Tensor {
    Tensor(shape: [count], values: (0..<count).map { _ in Float(0.5 + random.uniform()) })
  }
}
