/// Every type of layer there is, by name.
public enum LayerCatalogue {
  public static let kinds: [any LayerKind.Type] = [
    LinearLayer.self, Convolution1DLayer.self, Convolution2DLayer.self,
    TransposedConvolution1DLayer.self, TransposedConvolution2DLayer.self,
    BatchNormLayer.self, ReLULayer.self, LeakyReLULayer.self, PiecewiseLinearLayer.self,
    SigmoidLayer.self, TanhLayer.self, ELULayer.self, SoftplusLayer.self, SiLULayer.self,
    GELULayer.self, HardtanhLayer.self,
    ReshapeLayer.self, FlattenLayer.self, PermuteLayer.self, SliceLayer.self, PadLayer.self,
    UpsampleLayer.self, PixelShuffleLayer.self,
    AddLayer.self, ConcatLayer.self,
  ]

  static func kind(_ type: String) -> (any LayerKind.Type)? {
    kinds.first { $0.type == type }
  }
}
