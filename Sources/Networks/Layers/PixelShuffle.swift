import Documents

/// PyTorch's `PixelShuffle`: channels spread over a finer grid, `[channels * r^2, height, width]`
/// to `[channels, height * r, width * r]` (Shi et al. 2016).
enum PixelShuffleLayer: LayerKind {
  static let type = "pixel_shuffle"
  static let summary = "blocks of channels spread over a finer grid"
  private static let factorRange = 1...1024
  static let parameters: [any ParameterDescription] = [
    StructuredParameter(
      "upscale_factor",
      schema: [
        "type": "integer", "minimum": JSONValue(factorRange.lowerBound),
        "maximum": JSONValue(factorRange.upperBound),
        "description": "how many pixels become of one, along each axis",
      ])
  ]

  static func build(_ context: LayerContext) throws(DocumentError) -> BuiltLayer {
    let input = try ImageShape(context, .two)
    let document = context.document
    _ = try document.required("upscale_factor")
    let factor = try document.integer("upscale_factor", in: factorRange) ?? 1
    guard input.channels % (factor * factor) == 0 else {
      throw document.unprocessable(
        "upscale_factor",
        "is \(factor); its square does not divide the input's \(input.channels) channels")
    }
    let channels = input.channels / (factor * factor)
    return .gather(
      GatherMap(
        shape: [channels, factor, factor, input.height, input.width], order: [0, 3, 1, 4, 2]),
      outputShape: [channels, input.height * factor, input.width * factor])
  }
}
