/// What a layer-wise solution says of itself: each layer's own certificate, and the published
/// conditions for there being no other latent.
public struct LayerwiseCertificate: Sendable, Equatable {
  /// The catalogue's name of the layer-wise method; of several the one whose latent is nearest to the
  /// one that is reported.
  public var method: String
  /// The latent's layer first.
  public var layers: [LayerReport]
  /// At the latent that is reported.
  public var conditions: UniquenessConditions
}
