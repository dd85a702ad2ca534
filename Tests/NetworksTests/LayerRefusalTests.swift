import Documents
import Networks
import Testing

/// Fields that are well formed, each by itself, but that the layer cannot carry out: refused at the
/// field, with what was expected.
struct LayerRefusalTests {
  private func expectRefusal(
    _ inputShape: [Int], _ layer: JSONObject, at field: String, saying part: String,
    kind: DocumentError.Kind = .unprocessable, weight: [Int] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var layer = layer
    var tensors: [String: Tensor] = [:]
    if !weight.isEmpty {
      layer["weight"] = "w"
      tensors["w"] = Tensor(
        shape: weight, values: [Float](repeating: 1, count: weight.reduce(1, *)))
    }
    let document: JSONValue = [
      "version": 1, "latent": ["shape": JSONValue(inputShape)], "output": ["shape": [1]],
      "layers": .array([.object(layer)]),
    ]
    do {
      _ = try Generator(architecture: document, tensors: tensors)
      Issue.record("accepted", sourceLocation: sourceLocation)
    } catch {
      #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
      #expect(
        error.fields.first?.pointer == "/layers/0/\(field)", sourceLocation: sourceLocation)
      #expect(error.description.contains(part), "\(error)", sourceLocation: sourceLocation)
    }
  }

  @Test func convolutionsAlongOneAxis() {
    let plain: JSONObject = ["type": "conv1d"]
    expectRefusal([4], plain, at: "type", saying: "[channels, length]", weight: [2, 4, 3])
    expectRefusal([4, 5, 5], plain, at: "type", saying: "[channels, length]", weight: [2, 4, 3])
    expectRefusal(
      [4, 2], plain, at: "weight", saying: "a kernel of 3 does not", weight: [2, 4, 3])
    expectRefusal([4, 5], plain, at: "weight", saying: "[any, 4, any]", weight: [2, 3, 3])
    expectRefusal([4, 5], plain, at: "weight", saying: "[any, 4, any]", weight: [2, 4, 3, 3])
    expectRefusal([4, 5], plain, at: "weight", saying: "positive extents", weight: [2, 4, 0])
    expectRefusal(
      [4, 5], ["type": "conv1d", "groups": 3], at: "groups", saying: "4 channels",
      weight: [3, 1, 1])
    expectRefusal(
      [4, 5], ["type": "conv_transpose1d", "output_padding": 2, "stride": 2], at: "output_padding",
      saying: "is 2;", weight: [4, 1, 2])
    expectRefusal(
      [4, 1], ["type": "conv_transpose1d", "padding": 2], at: "padding", saying: "[1, -2]",
      weight: [4, 1, 2])
    expectRefusal(
      [4, 5], ["type": "conv_transpose1d"], at: "weight", saying: "[4, any, any]",
      weight: [3, 1, 2])
  }

  @Test func activations() {
    for bounds in [[1, 1], [2, 1]] as [[Double]] {
      expectRefusal(
        [3], ["type": "hardtanh", "min_val": .number(bounds[0]), "max_val": .number(bounds[1])],
        at: "max_val", saying: "more than min_val")
    }
    expectRefusal(
      [3], ["type": "gelu", "approximate": "erf"], at: "approximate", saying: "none, tanh",
      kind: .malformed)
    expectRefusal(
      [3], ["type": "gelu", "approximate": 1], at: "approximate", saying: "a string",
      kind: .malformed)
  }

  @Test func upsampling() {
    let image = [2, 3, 4]
    expectRefusal(image, ["type": "upsample"], at: "size", saying: "size or scale_factor")
    expectRefusal(
      image, ["type": "upsample", "size": 3, "scale_factor": 2], at: "size", saying: "one of them")
    expectRefusal(
      image, ["type": "upsample", "size": 3, "mode": "bicubic"], at: "mode", saying: "bilinear",
      kind: .malformed)
    expectRefusal(
      image, ["type": "upsample", "size": 3, "mode": "linear"], at: "type",
      saying: "[channels, length]")
    expectRefusal(
      [2, 3], ["type": "upsample", "size": 3, "mode": "bilinear"], at: "type",
      saying: "[channels, height, width]")
    expectRefusal(
      [2], ["type": "upsample", "size": 3], at: "type", saying: "[channels, height, width]")
    expectRefusal(
      image, ["type": "upsample", "size": 3, "align_corners": false], at: "align_corners",
      saying: "mode nearest")
    expectRefusal(
      image, ["type": "upsample", "size": 3, "coordinates": "asymmetric"], at: "coordinates",
      saying: "with mode linear")
    expectRefusal(
      image,
      [
        "type": "upsample", "size": 3, "mode": "bilinear", "align_corners": true,
        "coordinates": "asymmetric",
      ], at: "coordinates", saying: "without align_corners")
    expectRefusal(
      image, ["type": "upsample", "size": 3, "recompute_scale_factor": true],
      at: "recompute_scale_factor", saying: "with scale_factor only")
    expectRefusal(
      image, ["type": "upsample", "scale_factor": [1, 0.2]], at: "scale_factor",
      saying: "leaves nothing of an input of 3 x 4")
    expectRefusal(
      [2, 4], ["type": "upsample", "scale_factor": [1, 2]], at: "scale_factor",
      saying: "one number an axis, 1 in all", kind: .malformed)
    expectRefusal(
      image, ["type": "upsample", "size": [3]], at: "size", saying: "1 elements", kind: .malformed)
    expectRefusal(
      image, ["type": "upsample", "scale_factor": "2"], at: "scale_factor",
      saying: "array of numbers", kind: .malformed)
  }

  @Test func rearrangements() {
    let image = [8, 3, 4]
    expectRefusal(
      [8, 3], ["type": "pixel_shuffle", "upscale_factor": 2], at: "type", saying: "[8, 3]")
    expectRefusal(
      image, ["type": "pixel_shuffle"], at: "upscale_factor", saying: "missing", kind: .malformed)
    expectRefusal(
      image, ["type": "pixel_shuffle", "upscale_factor": 3], at: "upscale_factor",
      saying: "8 channels")
    for factor in [0, 1025] {
      expectRefusal(
        image, ["type": "pixel_shuffle", "upscale_factor": JSONValue(factor)],
        at: "upscale_factor", saying: "1 to 1024", kind: .malformed)
    }
    expectRefusal(image, ["type": "permute"], at: "dims", saying: "missing", kind: .malformed)
    for dims in [[0, 1], [0, 1, 1], [0, 1, 3], [0, 1, 2, 3], [0, 1, -3]] {
      expectRefusal(
        image, ["type": "permute", "dims": JSONValue(dims)], at: "dims", saying: "0 to 2 once")
    }
    expectRefusal(
      image, ["type": "permute", "dims": [0, 1, 9]], at: "dims/2", saying: "-8 to 7",
      kind: .malformed)
    for dim in [3, -4] {
      expectRefusal(
        image, ["type": "slice", "dim": JSONValue(dim)], at: "dim", saying: "axes 0 to 2")
    }
    expectRefusal(
      image, ["type": "slice", "start": 5, "end": 5], at: "start", saying: "nothing of 8")
    expectRefusal(image, ["type": "slice", "start": 8], at: "start", saying: "nothing of 8")
  }

  @Test func padding() {
    let image = [2, 3, 4]
    expectRefusal(image, ["type": "pad"], at: "padding", saying: "missing", kind: .malformed)
    for padding in [[1, 1, 1], [Int](repeating: 1, count: 8)] {
      expectRefusal(
        image, ["type": "pad", "padding": JSONValue(padding)], at: "padding", saying: "two for each"
      )
    }
    expectRefusal(
      image, ["type": "pad", "padding": JSONValue([1, 1 << 23])], at: "padding/1",
      saying: "expected",
      kind: .malformed)
    for padding in [[-4, 5], [5, -4], [-2, -2]] {
      expectRefusal(
        image, ["type": "pad", "padding": JSONValue(padding)], at: "padding",
        saying: "nothing of axis 2")
    }
    expectRefusal(
      image, ["type": "pad", "padding": [4, 0], "mode": "reflect"], at: "padding",
      saying: "shorter than the axis")
    expectRefusal(
      image, ["type": "pad", "padding": [1, 0], "mode": "replicate", "value": 1], at: "value",
      saying: "mode replicate")
    expectRefusal(
      image, ["type": "pad", "padding": [1, 0], "mode": "circular"], at: "mode",
      saying: "reflect", kind: .malformed)
  }
}
