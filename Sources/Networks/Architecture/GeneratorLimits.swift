/// What a generator may be at most.
public struct GeneratorLimits: Sendable {
  public var layersMax: Int
  public var parametersMax: Int
  public var latentCountMax: Int
  /// Numbers that leave any layer, the last one included.
  public var outputCountMax: Int

  public init(
    layersMax: Int = 512, parametersMax: Int = 1 << 29, latentCountMax: Int = 4096,
    outputCountMax: Int = 1 << 22
  ) {
    self.layersMax = layersMax
    self.parametersMax = parametersMax
    self.latentCountMax = latentCountMax
    self.outputCountMax = outputCountMax
  }
}
