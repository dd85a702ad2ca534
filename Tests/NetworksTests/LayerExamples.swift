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

    add(
      "conv1d", "conv1d 3", [2, 6], [:], ["weight": tensor(4, 2, 3), "bias": tensor(4)])
    add(
      "conv1d", "conv1d with all fields", [4, 9],
      ["stride": [2], "padding": 3, "dilation": [2], "groups": 2, "bias": nil],
      ["weight": tensor(6, 2, 3)])
    add(
      "conv_transpose1d", "conv_transpose1d from one place", [5, 1], [:],
      ["weight": tensor(5, 3, 4), "bias": tensor(3)])
    add(
      "conv_transpose1d", "conv_transpose1d 4, 2, 1", [3, 4], ["stride": 2, "padding": [1]],
      ["weight": tensor(3, 2, 4)])
    add(
      "conv_transpose1d", "conv_transpose1d with all fields", [4, 5],
      ["stride": 3, "padding": 2, "output_padding": [2], "dilation": 2, "groups": 2],
      ["weight": tensor(4, 3, 3), "bias": tensor(6)])

    let statistics = [
      "running_mean": tensor(3), "running_var": NetworkExample.variances(3, &random),
    ]
    add(
      "batch_norm", "batch_norm of an image", [3, 4, 2], ["eps": 0.01],
      statistics.merging(["weight": tensor(3), "bias": tensor(3)]) { $1 })
    add("batch_norm", "batch_norm of a vector, not affine", [3], [:], statistics)

    let activations = [
      "relu", "leaky_relu", "piecewise_linear", "sigmoid", "tanh", "elu", "softplus", "silu",
      "gelu", "hardtanh",
    ]
    for type in activations {
      add(type, "\(type) of a vector", [9])
      add(type, "\(type) of an image", [2, 3, 4])
    }
    add("leaky_relu", "leaky_relu 0.2", [9], ["negative_slope": 0.2])
    add("elu", "elu 0.3", [9], ["alpha": 0.3])
    add("softplus", "softplus, sharper, with a low threshold", [9], ["beta": 3, "threshold": 2])
    add("gelu", "gelu by tanh", [9], ["approximate": "tanh"])
    add("gelu", "gelu by name", [9], ["approximate": "none"])
    add("hardtanh", "hardtanh off its centre", [9], ["min_val": -0.2, "max_val": 0.7])
    add(
      "piecewise_linear", "piecewise_linear of another bend", [9], ["alpha": 0.3, "c": 0.5])
    add("reshape", "reshape to an image", [12], ["shape": [3, 2, 2]])
    add("reshape", "reshape with an open extent", [2, 6], ["shape": [3, -1]])
    add("flatten", "flatten an image", [2, 3, 2])
    add("permute", "permute an image", [2, 3, 4], ["dims": [2, 0, 1]])
    add("permute", "permute from the end", [2, 3, 1, 2], ["dims": [-1, 0, -3, 2]])
    add("permute", "permute to itself", [2, 3], ["dims": [0, 1]])
    add("slice", "slice all", [2, 3], [:])
    add("slice", "slice the last axis", [2, 3, 7], ["dim": -1, "start": 1, "end": -1, "step": 2])
    add("slice", "slice channels from the end", [5, 2], ["start": -3, "end": 100])
    add("slice", "slice a vector", [6], ["end": 2, "dim": 0])
    add("pad", "pad with zeros", [2, 3, 4], ["padding": [1, 2, 0, 3]])
    add("pad", "pad and cut with a value", [2, 4], ["padding": [-1, 2, 1, 0], "value": 0.5])
    add("pad", "pad nothing", [2, 4], ["padding": [0, 0]])
    add("pad", "pad by reflection", [2, 3, 4], ["padding": [3, 2, 1, 2], "mode": "reflect"])
    add("pad", "pad and cut by reflection", [2, 5], ["padding": [-2, 3], "mode": "reflect"])
    add("pad", "pad by the edge", [2, 2, 3], ["padding": [4, 0, -1, 3], "mode": "replicate"])
    add("upsample", "upsample nearest, twice", [2, 3, 2], ["scale_factor": 2])
    add("upsample", "upsample nearest, unevenly", [2, 3, 4], ["scale_factor": [1.7, 2.5]])
    add("upsample", "upsample nearest to a size", [1, 5, 3], ["size": [7, 2]])
    add("upsample", "upsample nearest along one axis", [3, 4], ["size": 9])
    add("upsample", "upsample to the same size", [2, 3, 3], ["size": 3])
    add(
      "upsample", "upsample linear along one axis", [2, 5],
      ["scale_factor": [1.5], "mode": "linear"])
    for isAligned in [false, true] {
      add(
        "upsample", "upsample bilinear, aligned \(isAligned)", [2, 3, 4],
        ["scale_factor": [2, 1.3], "mode": "bilinear", "align_corners": .bool(isAligned)])
    }
    add(
      "upsample", "upsample bilinear, recomputed", [2, 3, 4],
      ["scale_factor": 1.9, "mode": "bilinear", "recompute_scale_factor": true])
    for (mode, shape) in [("linear", [2, 5]), ("bilinear", [2, 3, 4])] as [(String, [Int])] {
      add(
        "upsample", "upsample \(mode), asymmetric", shape,
        ["scale_factor": 2.3, "mode": .string(mode), "coordinates": "asymmetric"])
    }
    add("upsample", "downsample bilinear", [1, 7, 5], ["size": [3, 1], "mode": "bilinear"])
    add("pixel_shuffle", "pixel_shuffle 2", [8, 2, 3], ["upscale_factor": 2])
    add("pixel_shuffle", "pixel_shuffle 3", [9, 1, 2], ["upscale_factor": 3])
    add("pixel_shuffle", "pixel_shuffle 1", [2, 2, 2], ["upscale_factor": 1])
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
