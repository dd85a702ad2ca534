import Documents
import LinearAlgebra
import Networks

/// At least one network for each type of layer of the catalogue, with that layer first: its
/// defaults, and its fields away from them.
enum LayerExamples {
  static let byType: [String: [NetworkExample]] = {
    var random = RandomNumbers(seed: 400)
    var examples: [String: [NetworkExample]] = [:]
    func add(
      _ type: String, _ name: String, _ latentShape: [Int], _ fields: [String: JSONValue] = [:],
      _ tensors: [String: Tensor] = [:]
    ) {
      var layer = JSONObject(dictionaryLiteral: ("type", .string(type)))
      for (field, value) in fields.sorted(by: { $0.key < $1.key }) { layer[field] = value }
      for field in tensors.keys.sorted() { layer[field] = .string("t.\(field)") }
      let named = Dictionary(uniqueKeysWithValues: tensors.map { ("t.\($0.key)", $0.value) })
      examples[type, default: []].append(
        NetworkExample(
          name: name, latentShape: latentShape, layers: [.object(layer)], tensors: named))
    }
    func tensor(_ shape: Int...) -> Tensor { NetworkExample.tensor(shape, &random) }

    add("linear", "linear 5 to 7", [5], [:], ["weight": tensor(7, 5), "bias": tensor(7)])
    add("linear", "linear without bias", [3], ["bias": nil], ["weight": tensor(4, 3)])
    add("linear", "linear over an image", [2, 3, 2], [:], ["weight": tensor(6, 12)])
    add("linear", "linear 1 to 1", [1], [:], ["weight": tensor(1, 1), "bias": tensor(1)])

    add(
      "conv2d", "conv2d 3 x 3", [2, 6, 5], [:], ["weight": tensor(4, 2, 3, 3), "bias": tensor(4)])
    add(
      "conv2d", "conv2d with all fields", [4, 7, 9],
      ["stride": [2, 1], "padding": [1, 2], "dilation": [1, 2], "groups": 2, "bias": nil],
      ["weight": tensor(6, 2, 3, 3)])
    add(
      "conv2d", "conv2d with one number for both axes", [1, 8, 8], ["stride": 2, "padding": 1],
      ["weight": tensor(3, 1, 4, 4)])

    add(
      "conv_transpose2d", "conv_transpose2d from one pixel", [5, 1, 1], [:],
      ["weight": tensor(5, 3, 4, 4), "bias": tensor(3)])
    add(
      "conv_transpose2d", "conv_transpose2d 4, 2, 1", [3, 4, 3], ["stride": 2, "padding": 1],
      ["weight": tensor(3, 2, 4, 4)])
    add(
      "conv_transpose2d", "conv_transpose2d with all fields", [4, 3, 4],
      [
        "stride": [3, 2], "padding": [1, 2], "output_padding": [2, 1], "dilation": [2, 3],
        "groups": 2,
      ], ["weight": tensor(4, 3, 3, 2), "bias": tensor(6)])

    let statistics = [
      "running_mean": tensor(3), "running_var": NetworkExample.variances(3, &random),
    ]
    add(
      "batch_norm", "batch_norm of an image", [3, 4, 2], ["eps": 0.01],
      statistics.merging(["weight": tensor(3), "bias": tensor(3)]) { $1 })
    add("batch_norm", "batch_norm of a vector, not affine", [3], [:], statistics)

    for type in ["relu", "leaky_relu", "piecewise_linear", "sigmoid", "tanh"] {
      add(type, "\(type) of a vector", [9])
      add(type, "\(type) of an image", [2, 3, 4])
    }
    add("leaky_relu", "leaky_relu 0.2", [9], ["negative_slope": 0.2])

    add(
      "piecewise_linear", "piecewise_linear of another bend", [9], ["alpha": 0.3, "c": 0.5])
    add("reshape", "reshape to an image", [12], ["shape": [3, 2, 2]])
    add("reshape", "reshape with an open extent", [2, 6], ["shape": [3, -1]])
    add("flatten", "flatten an image", [2, 3, 2])
    add("add", "add of the latent to itself", [2, 3], ["from": ["latent", "latent"]])
    add("add", "add of one name and the layer before", [4], ["from": "latent"])
    for dim in [0, 1, -1] {
      add(
        "concat", "concat along axis \(dim)", [2, 3, 2],
        ["from": ["latent", "latent", "latent"], "dim": JSONValue(dim)])
    }
    return examples
  }()

  static let all: [NetworkExample] = LayerCatalogue.kinds.flatMap { byType[$0.type] ?? [] }
}
