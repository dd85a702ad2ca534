/// What a generator may be at most.
public struct GeneratorLimits: Sendable {
  public var layersMax: Int
  public var parametersMax: Int
  public var latentCountMax: Int
  /// Numbers that leave any layer, the last one included.
  public var outputCountMax: Int
  /// Numbers that a convolution gathers for one sample: a patch of the image for each position.
  public var patchNumbersMax: Int

  public init(
    layersMax: Int = 512, parametersMax: Int = 1 << 29, latentCountMax: Int = 4096,
    outputCountMax: Int = 1 << 22, patchNumbersMax: Int = 1 << 27
  ) {
    self.layersMax = layersMax
    self.parametersMax = parametersMax
    self.latentCountMax = latentCountMax
    self.outputCountMax = outputCountMax
    self.patchNumbersMax = patchNumbersMax
  }
}
