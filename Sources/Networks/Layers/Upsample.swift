import Documents
import LinearAlgebra

/// PyTorch's `Upsample`: an image, or a signal along one axis, at another size.
enum UpsampleLayer: LayerKind {
  static let type = "upsample"
  static let summary = "an image or a signal at another size"
  private static let sizeRange = 1...Int(Int32.max)
  private static let scaleRange = 1e-6...1e6
  private static let modeField = ChoiceParameter(
    "mode", ["nearest", "linear", "bilinear"],
    "linear for [channels, length], bilinear for [channels, height, width], nearest for both")
  private static let coordinatesField = ChoiceParameter(
    "coordinates", ["half_pixel", "asymmetric"],
    "linear and bilinear: between the centres of pixels, as PyTorch does it; or with the first pixel "
      + "of the output on the first of the input, as ONNX did it before opset 11")
  static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "size",
      schema: axesSchema(
        "integer", JSONValue(sizeRange.lowerBound), JSONValue(sizeRange.upperBound),
        "extents of the output; this or scale_factor")),
    StructuredParameter(
      "scale_factor",
      schema: axesSchema(
        "number", .number(scaleRange.lowerBound), .number(scaleRange.upperBound),
        "how often the input's extents go into the output's, which are rounded down")),
    modeField,
    StructuredParameter(
      "align_corners",
      schema: [
        "type": "boolean", "default": false,
        "description": "linear and bilinear: whether the outermost pixels' centres stay in place",
      ]),
    coordinatesField,
    StructuredParameter(
      "recompute_scale_factor",
      schema: [
        "type": "boolean", "default": false,
        "description": "whether pixels lie as the rounded extents have it, not as scale_factor has",
      ]),
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let document = context.document
    let mode = try modeField.value(in: document)
    let axes: KernelAxes =
      mode == "linear" || mode == "nearest" && context.inputShape.count == 2 ? .one : .two
    let input = try ImageShape(context, axes)
    let alignsCorners = try document.bool("align_corners")
    guard alignsCorners == nil || mode != "nearest" else {
      throw document.unprocessable(
        "align_corners", "is given with mode nearest; expected it with linear or bilinear only")
    }
    let isAsymmetric = try coordinatesField.value(in: document) == "asymmetric"
    guard !isAsymmetric || mode != "nearest" && alignsCorners != true else {
      throw document.unprocessable(
        "coordinates",
        "is asymmetric; expected that with mode linear or bilinear, and without align_corners")
    }
    let target = try Target(document, input: input, axes: axes)
    let outputShape = axes.shape(input.channels, target.size.height, target.size.width)
    try context.checkOutput(outputShape)

    func resampling(_ input: Int, _ output: Int, _ step: Float) -> AxisResampling {
      if mode == "nearest" { return .nearest(input: input, output: output, step: step) }
      if isAsymmetric { return .linearFromOrigin(input: input, output: output, step: step) }
      return alignsCorners == true
        ? .linearBetweenCorners(input: input, output: output)
        : .linear(input: input, output: output, step: step)
    }
    let map = ResamplingMap(
      channels: input.channels,
      vertical: axes == .one
        ? .identity(1) : resampling(input.height, target.size.height, target.step.height),
      horizontal: resampling(input.width, target.size.width, target.step.width))
    let isIdentity = map.vertical.isIdentity && map.horizontal.isIdentity
    return BuiltLayer(
      outputShape: outputShape, parameterCount: 0, stage: isIdentity ? nil : AffineMap(map))
  }

  private static func axesSchema(
    _ type: JSONValue, _ least: JSONValue, _ most: JSONValue, _ description: JSONValue
  ) -> JSONValue {
    let number: JSONValue = ["type": type, "minimum": least, "maximum": most]
    return [
      "type": [type, "array", "null"],
      "oneOf": [
        number, ["type": "array", "items": number, "minItems": 1, "maxItems": 2],
        ["type": "null"],
      ],
      "description": description,
    ]
  }

  /// The size asked for, and how far apart pixels of the output lie in the input.
  private struct Target {
    var size: (height: Int, width: Int)
    var step: (height: Float, width: Float)

    init(_ document: ObjectReader, input: ImageShape, axes: KernelAxes) throws(DocumentError) {
      let sizes = try Target.sizes(document, axes)
      let scales = try Target.scales(document, axes)
      let recomputes = try document.bool("recompute_scale_factor") ?? false
      guard (sizes == nil) != (scales == nil) else {
        throw document.unprocessable(
          "size",
          sizes == nil
            ? "is missing; expected size or scale_factor"
            : "is given and scale_factor, too; expected one of them")
      }
      if let sizes {
        guard !recomputes else {
          throw document.unprocessable(
            "recompute_scale_factor", "is true with size; expected it with scale_factor only")
        }
        size = axes.pair(sizes, otherwise: 1)
        step = Target.steps(input, size)
        return
      }
      let factors = scales ?? []
      let width = factors[factors.count - 1]
      let height = axes == .one ? 1 : factors[0]
      size = (Int(Double(input.height) * height), Int(Double(input.width) * width))
      guard size.height > 0, size.width > 0 else {
        throw document.unprocessable(
          "scale_factor",
          "is \(factors); it leaves nothing of an input of "
            + axes.text(input.height, input.width))
      }
      step = recomputes ? Target.steps(input, size) : (Float(1 / height), Float(1 / width))
    }

    private static func steps(
      _ input: ImageShape, _ size: (height: Int, width: Int)
    ) -> (height: Float, width: Float) {
      (Float(input.height) / Float(size.height), Float(input.width) / Float(size.width))
    }

    private static func sizes(
      _ document: ObjectReader, _ axes: KernelAxes
    ) throws(DocumentError) -> [Int]? {
      let count = axes.rawValue
      if case .number = document.value("size") {
        let all = try document.integer("size", in: sizeRange)
        return all.map { [Int](repeating: $0, count: count) }
      }
      return try document.integers("size", in: sizeRange, counts: count...count)
    }

    private static func scales(
      _ document: ObjectReader, _ axes: KernelAxes
    ) throws(DocumentError) -> [Double]? {
      let count = axes.rawValue
      if case .number = document.value("scale_factor") {
        let all = try document.number("scale_factor", in: scaleRange)
        return all.map { [Double](repeating: $0, count: count) }
      }
      guard let scales = try document.numbers("scale_factor") else { return nil }
      guard scales.count == count, scales.allSatisfy(scaleRange.contains) else {
        throw document.malformed(
          "scale_factor",
          "is \(scales.prefix(4)); expected one number an axis, \(count) in all, each from "
            + "\(scaleRange.lowerBound) to \(scaleRange.upperBound)")
      }
      return scales
    }
  }
}
